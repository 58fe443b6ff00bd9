import { editableSource } from '../editableSource';
import type { Span } from '../network';
import { type InspectedNetwork, type InspectReport, NETWORK_SCHEMA, networkRecord, reportSource } from '../report';
import type { InspectRequest } from './arguments';
import { type ExitCode, exitCodes } from './exitCode';
import { checkOutput, writeReport } from './output';
import { readFile } from './readNetworks';
import { type Terminal, textOptions } from './terminal';

/** Reads a model file and prints what it holds. */
export async function inspectCommand(request: InspectRequest, terminal: Terminal): Promise<ExitCode> {
  const { workingDirectory } = terminal;
  await checkOutput(request.output, workingDirectory);
  const { networks, document, reread } = await readFile(request, workingDirectory);
  const [{ findInStructure }, { findingRecords }, { withFixes }] = await Promise.all([
    import('../rules'),
    import('../findingRecord'),
    import('../fixes'),
  ]);
  const toSource = (span: Span) => reportSource(span, workingDirectory);
  const inspected: InspectedNetwork[] = [];
  for (const network of networks) {
    const found = findInStructure(network);
    const source = editableSource(document, network, reread);
    const records = findingRecords(network, found, toSource);
    inspected.push({
      ...networkRecord(network, network.batch.size, toSource),
      findings: await withFixes(records, found, { network, source, workingDirectory }),
    });
  }
  const report: InspectReport = { schema: NETWORK_SCHEMA, networks: inspected };
  const { inspectRenderers } = await import('../report/renderers');
  const options = textOptions(terminal, request.output !== undefined);
  await writeReport(inspectRenderers[request.format](report, options), request.output, terminal);
  return exitCodes.done;
}
