import { countText, NO_FIGURE, shapeText } from './figureText';
import { structureLines } from './findingText';
import type { InspectedNetwork, InspectReport, LayerRecord } from './report';
import { sourceText } from './reportSource';
import { networkSentence } from './sentences';
import { emphasis, textTable, wrap } from './terminal';
import type { TextOptions } from './text';
import { visibleText } from './visibleText';

/** What `inspect` found, for a terminal. */
export const inspectText = (report: InspectReport, options: TextOptions): string =>
  `${report.networks.map((network) => networkLines(network, options).join('\n')).join('\n\n')}\n`;

function networkLines(network: InspectedNetwork, options: TextOptions): string[] {
  const style = emphasis(options.colour);
  const say = (sentence: string, indent = ''): string[] => wrap(visibleText(sentence), options.columns, indent);
  return [
    style.bold(visibleText(`${network.name}, ${sourceText(network.source)}`)),
    ...say(`${networkSentence(network.parameters)}; batch ${network.batch.size} (${network.batch.origin})`),
    ...(network.inputs.length === 0
      ? say(`No input shape is known: give one with --input, or write # normscope: input=3x224x224 in the file.`)
      : network.inputs.flatMap(({ name, shape, dtype, origin }) =>
          say(`input ${name}: ${shapeText(shape)} ${dtype} (${origin})`, '    '),
        )),
    '',
    ...layerTable(network.layers, options.columns).map((line, index) => (index === 0 ? style.dim(line) : line)),
    ...section(structureLines(network.findings, options, network.suppressed)),
    ...(network.unmodelled.length === 0 ? [] : ['', style.bold('Not modelled')]),
    ...network.unmodelled.flatMap(({ what, why, source }) => say(`  ${sourceText(source)}: ${what}; ${why}`, '    ')),
    ...(network.assumed ? ['', style.bold('Assumed')] : []),
    ...(network.assumed ?? []).flatMap(({ what, why, source }) =>
      say(`  ${sourceText(source)}: ${what}; ${why}`, '    '),
    ),
  ];
}

const section = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ['', ...lines]);

function layerTable(layers: readonly LayerRecord[], columns: number): string[] {
  const figures = [
    {
      title: 'output',
      align: 'left' as const,
      cells: layers.map((layer) => shapeText(layer.outputShape)),
      maximum: 28,
    },
    {
      title: 'parameters',
      align: 'right' as const,
      cells: layers.map((layer) => (layer.parameters === 0 ? NO_FIGURE : countText(layer.parameters))),
    },
    { title: 'line', align: 'right' as const, cells: layers.map((layer) => String(layer.source.line)) },
  ];
  const kinds = {
    title: 'kind',
    align: 'left' as const,
    cells: layers.map((layer) => visibleText(layer.kind)),
    maximum: 22,
  };
  const taken = textTable([kinds, ...figures]).reduce((width, line) => Math.max(width, line.length), 0);
  const ids = {
    title: 'layer',
    align: 'left' as const,
    cells: layers.map((layer) => visibleText(layer.id)),
    maximum: Math.max(8, columns - taken - 2),
  };
  return textTable([ids, kinds, ...figures]);
}
