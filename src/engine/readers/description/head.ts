import { type DescriptionNode, expectText, type MapNode, refuse, suggest, valueAt } from './node';

export const lineOf = (node: DescriptionNode): string => `line ${node.span.start.line}`;

/** The stated origin of something (`origin: assumed`), or the line where it stands. */
export function originOf(map: MapNode | undefined, fallback: string): string {
  const node = map && valueAt(map, 'origin');
  return node ? expectText(node, 'origin', "a text, such as 'measured'") : fallback;
}

/** One of a few words. */
export function oneOf<T extends string>(node: DescriptionNode, subject: string, choices: readonly T[]): T {
  const text = expectText(node, subject, choices.join(' or '));
  return (
    choices.find((choice) => choice === text) ??
    refuse(node.span, `unknown ${subject} '${text}'`, suggest(text, choices, 'known'))
  );
}

/** `loss` and `optimizer` may stand at the top or in `task`, not in both. */
export function topOrTask(root: MapNode, key: 'loss' | 'optimizer'): DescriptionNode | undefined {
  const task = valueAt(root, 'task');
  const inTask = task?.type === 'map' ? valueAt(task, key) : undefined;
  const top = valueAt(root, key);
  if (top && inTask) refuse(inTask.span, `${key} stands twice, here and on ${lineOf(top)}`, 'keep one of them');
  return top ?? inTask;
}
