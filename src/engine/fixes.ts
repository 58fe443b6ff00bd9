import type { Change, Mend } from './change';
import { type EditableSource, type Edited, editArgument, editSource, type SourceEdit } from './edits';
import { type Message, type Network, spanOf } from './network';
import { type Alternative, type Finding, type Fix, type Recommendation, reportSource, type TextEdit } from './report';
import type { Found } from './rules';

/** What makes text edits for a report. */
export interface FixContext {
  readonly network: Network;
  readonly source: EditableSource;
  readonly workingDirectory: string;
}

type Fixed = { readonly fix: Fix } | { readonly refused: Message };

function textEdits({ source: { document }, workingDirectory }: FixContext, edits: readonly SourceEdit[]): TextEdit[] {
  return edits.map(({ range, newText, document: cell = document }) => {
    const { file } = reportSource(spanOf(cell), workingDirectory);
    return { file, hash: cell.hash, range, newText };
  });
}

function fixOf(title: string, edited: Exclude<Edited, { refused: Message }>, context: FixContext): Fix {
  const { edits, also, keys } = edited;
  const breaks = keys.removed.length + keys.added.length + keys.renamed.length > 0;
  return {
    title,
    edits: textEdits(context, edits),
    ...(also.length > 0 && { also: also.map((site) => layerOf(site, context.network)) }),
    ...(breaks && { keys }),
  };
}

const layerOf = (site: string, { calls }: Network): string => calls.find(({ id }) => id === site)?.module ?? site;

async function changed(title: string, changes: readonly Change[], context: FixContext): Promise<Fixed> {
  const edited = await editSource(context.network, changes, context.source);
  return 'refused' in edited ? edited : { fix: fixOf(title, edited, context) };
}

async function mended(mend: Mend, context: FixContext): Promise<Fixed> {
  const title = mend.title.text;
  if ('changes' in mend) return changed(title, mend.changes, context);
  const edited = await editArgument(context.network, mend.argument, context.source);
  return 'refused' in edited ? edited : { fix: { title, edits: textEdits(context, edited.edits) } };
}

/** The findings with the edits that mend them, where there are any; `found` is what they were made of, in their order. */
export async function withFixes(
  findings: readonly Finding[],
  found: readonly Found[],
  context: FixContext,
): Promise<Finding[]> {
  const all: Finding[] = [];
  for (const [i, finding] of findings.entries()) {
    const mend = found[i]?.mend;
    const result = mend && (await mended(mend, context));
    if (!result) all.push(finding);
    else all.push('fix' in result ? { ...finding, fix: result.fix } : { ...finding, noFix: result.refused });
  }
  return all;
}

/** What would be changed for a norm: what is recommended, and each alternative by its label. */
export interface AdvisedChanges {
  readonly recommended: readonly Change[];
  readonly alternatives: ReadonlyMap<string, readonly Change[]>;
}

/** What a set of changes does, as a command says it: `Replace every BatchNorm with GroupNorm`. */
export function changeTitle(changes: readonly Change[], norm: string, network: Network): string {
  const replaced = changes.filter(({ operation }) => operation === 'replace' || operation === 'remove');
  const kinds = new Set(
    replaced.map(({ site }) => (network.calls.find(({ id }) => id === site)?.kind ?? '').replace(/\dd$/, '')),
  );
  const before = kinds.size === 1 ? [...kinds][0]! : 'norm';
  const places = `${changes.length} ${changes.length === 1 ? 'place' : 'places'}`;
  if (changes.every(({ operation }) => operation === 'remove')) return `Remove every ${before} (${places})`;
  if (replaced.length === 0) return `Add ${norm} (${places})`;
  if (replaced.length === changes.length) return `Replace every ${before} with ${norm} (${places})`;
  return `Use ${norm} everywhere (${places})`;
}

/** The recommendation with its edit, or why there is none, and those of the alternatives. */
export async function withEdit(
  recommendation: Recommendation,
  { recommended, alternatives }: AdvisedChanges,
  context: FixContext,
): Promise<Recommendation> {
  const others: Alternative[] = [];
  for (const alternative of recommendation.alternatives) {
    const changes = alternatives.get(alternative.label) ?? [];
    const title = changeTitle(changes, alternative.norm, context.network);
    const result = changes.length > 0 ? await changed(title, changes, context) : undefined;
    others.push(result && 'fix' in result ? { ...alternative, edit: result.fix } : alternative);
  }
  const own = { ...recommendation, alternatives: others };
  if (recommended.length === 0) return own;
  const result = await changed(changeTitle(recommended, recommendation.norm, context.network), recommended, context);
  return 'fix' in result ? { ...own, edit: result.fix } : { ...own, noEdit: result.refused };
}
