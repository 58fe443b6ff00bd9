import type { ConvertRequest } from './arguments';
import { type ExitCode, exitCodes } from './exitCode';
import { checkOutput, writeReport } from './output';
import { onlyNetwork, readNetworks } from './readNetworks';
import { type Terminal, write } from './terminal';

/** Writes the one network of a model file as a description, which holds what was modelled. */
export async function convertCommand(request: ConvertRequest, terminal: Terminal): Promise<ExitCode> {
  const { workingDirectory } = terminal;
  await checkOutput(request.output, request.file, workingDirectory);
  const network = onlyNetwork(await readNetworks(request, workingDirectory), request.file);
  const { writeDescription } = await import('../readers/description');
  await writeReport(writeDescription(network, request.to), request.output, terminal);
  const { length } = network.unmodelled;
  if (length > 0) {
    const parts = length === 1 ? 'one part' : `${length} parts`;
    await write(
      terminal.stderr,
      `normscope: ${parts} of ${network.name} could not be modelled and stand nowhere in it; 'normscope inspect' names them\n`,
    );
  }
  return exitCodes.done;
}
