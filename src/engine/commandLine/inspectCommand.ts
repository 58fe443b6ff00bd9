import type { Span } from '../network';
import { type InspectReport, NETWORK_SCHEMA, networkRecord, reportSource } from '../report';
import type { InspectRequest } from './arguments';
import { type ExitCode, exitCodes } from './exitCode';
import { checkOutput, writeReport } from './output';
import { readNetworks } from './readNetworks';
import { type Terminal, textOptions } from './terminal';

/** Reads a model file and prints what it holds. */
export async function inspectCommand(request: InspectRequest, terminal: Terminal): Promise<ExitCode> {
  const { workingDirectory } = terminal;
  await checkOutput(request.output, workingDirectory);
  const networks = await readNetworks(request, workingDirectory);
  const [{ findInStructure }, { findingRecords }] = await Promise.all([import('../rules'), import('../findingRecord')]);
  const toSource = (span: Span) => reportSource(span, workingDirectory);
  const report: InspectReport = {
    schema: NETWORK_SCHEMA,
    networks: networks.map((network) => ({
      ...networkRecord(network, network.batch.size, toSource),
      findings: findingRecords(network, findInStructure(network), toSource),
    })),
  };
  const { inspectRenderers } = await import('../report/renderers');
  const options = textOptions(terminal, request.output !== undefined);
  await writeReport(inspectRenderers[request.format](report, options), request.output, terminal);
  return exitCodes.done;
}
