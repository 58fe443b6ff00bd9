import type { Network, Span } from '../network';
import { type Found, layerPlaces, placeOf } from '../rules';
import { type IgnoreComment, ignoreComments } from './comments';
import type { SourceTexts } from './texts';

/** A finding that a comment leaves out, and the comment. */
export interface Ignored {
  readonly found: Found;
  readonly comment: Span;
}

export interface Judged {
  readonly kept: readonly Found[];
  readonly ignored: readonly Ignored[];
}

/** Whether a comment speaks of what stands there: on its lines, or on the line where a statement of several ends. */
const covers = ({ first, last, line, alone }: IgnoreComment, { start, end }: Span, whole: boolean): boolean =>
  (start.line >= first && start.line <= last) || (!whole && !alone && line === end.line);

/** The findings without those that a comment in the source leaves out, and these. */
export function withoutIgnored(network: Network, found: readonly Found[], texts: SourceTexts): Judged {
  const comments = new Map<string, readonly IgnoreComment[]>();
  const commentsAt = (place: Span): readonly IgnoreComment[] => {
    const key = `${place.uri}#${place.cell ?? ''}`;
    const known = comments.get(key);
    if (known) return known;
    const read = ignoreComments(texts(place) ?? '', /\.ya?ml$/i.test(place.uri) ? 'yaml' : 'python');
    comments.set(key, read);
    return read;
  };
  const layerPlace = layerPlaces(network);
  const kept: Found[] = [];
  const ignored: Ignored[] = [];
  for (const one of found) {
    const place = placeOf(one, layerPlace);
    const whole = one.source === undefined && one.layer === null;
    const comment = commentsAt(place).find(
      ({ rules, ...each }) => (rules?.includes(one.rule) ?? true) && covers(each, place, whole),
    );
    if (!comment) kept.push(one);
    else {
      const at = { line: comment.line, column: comment.column };
      ignored.push({ found: one, comment: { ...place, start: at, end: at } });
    }
  }
  return { kept, ignored };
}
