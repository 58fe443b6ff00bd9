import type { StructureRule } from './structure';

const WIDTH = 120;

/** A paragraph broken into lines; what is code in backquotes stays together where it has no space. */
function wrapped(paragraph: string): string {
  const lines = [''];
  for (const word of paragraph.split(/\s+/)) {
    const line = lines.at(-1)!;
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}

const SEVERITIES = { error: 'An error', warning: 'A warning', note: 'A note' } as const;

/** A rule's page in docs/rules/, as Markdown: everything in it is said in the rule's row. */
export function rulePage({ id, severity, finds, why, figure, mend, ignore, cases }: StructureRule): string {
  const example = cases.fires[0]!.trim();
  return [
    `# ${id}`,
    wrapped(
      `Finds ${finds}. ${SEVERITIES[severity]}${severity === 'note' ? '' : ' at most'}; seen in the model file, without a probe.`,
    ),
    wrapped(`**Why.** ${why}`),
    wrapped(`**Figures and source.** ${figure}`),
    wrapped(`**What helps.** ${mend}`),
    wrapped(`**When to let it be.** ${ignore}`),
    `**For example**, found at the line that is marked:`,
    `\`\`\`python\n${example}\n\`\`\``,
  ]
    .join('\n\n')
    .concat('\n');
}
