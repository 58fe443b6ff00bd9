import { editableSource } from '../editableSource';
import type { Span } from '../network';
import { type InspectedNetwork, type InspectReport, NETWORK_SCHEMA, networkRecord, reportSource } from '../report';
import type { InspectRequest } from './arguments';
import { openBaselines } from './baselines';
import { checkRules } from './checkRules';
import { type ExitCode, exitCodes } from './exitCode';
import { checkOutput, writeReport } from './output';
import { readFile } from './readNetworks';
import { type Terminal, textOptions } from './terminal';

/** Reads a model file and prints what it holds. */
export async function inspectCommand(request: InspectRequest, terminal: Terminal): Promise<ExitCode> {
  const { workingDirectory } = terminal;
  await checkOutput(request.output, request.file, workingDirectory);
  await checkRules(request.rules);
  const baselines = await openBaselines(request, workingDirectory);
  const { networks, document, reread } = await readFile(request, workingDirectory);
  const [{ findInStructure }, { findingRecords, ignoredRecords }, { withFixes }, { sourceTexts, withoutIgnored }] =
    await Promise.all([import('../rules'), import('../findingRecord'), import('../fixes'), import('../suppression')]);
  const toSource = (span: Span) => reportSource(span, workingDirectory);
  const texts = sourceTexts(document);
  const inspected: InspectedNetwork[] = [];
  for (const network of networks) {
    const { kept, ignored } = withoutIgnored(network, findInStructure(network, request.rules), texts);
    const source = editableSource(document, network, reread);
    const records = findingRecords(network, kept, toSource);
    const record = networkRecord(network, network.batch.size, toSource);
    const suppressed = ignoredRecords(network, ignored, toSource);
    inspected.push(
      baselines.judged(record, {
        ...record,
        findings: await withFixes(records, kept, { network, source, workingDirectory }),
        ...(suppressed.length > 0 && { suppressed }),
      }),
    );
  }
  await baselines.save();
  const report: InspectReport = { schema: NETWORK_SCHEMA, networks: inspected };
  const { inspectRenderers } = await import('../report/renderers');
  const options = textOptions(terminal, request.output !== undefined);
  await writeReport(inspectRenderers[request.format](report, options), request.output, terminal);
  return exitCodes.done;
}
