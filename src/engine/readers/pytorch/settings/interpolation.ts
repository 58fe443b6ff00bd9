import type { Span } from '../../../network';
import {
  hashKey,
  type InstanceValue,
  int,
  NONE,
  positional,
  str,
  string,
  unknown,
  type Value,
} from '../../python/values';
import type { SettingsContext } from './context';
import { scalar, shown } from './files';
import { entryOf } from './mapping';

/** References that stand in each other deeper than this never end. */
const DEEPEST = 24;

/** The innermost `${…}` of a text. */
const INNERMOST = /\$\{([^${}]*)\}/;

/** What OmegaConf and Hydra know of the machine and the time. */
const OUTSIDE = /^(hydra|now|oc\.(create|deprecated|dict\.\w+))\b/;

function parentOf(settings: InstanceValue): InstanceValue | undefined {
  const parent = settings.attributes.get('_parent');
  return parent?.type === 'instance' ? parent : undefined;
}

/** What a dotted path names, from the outermost settings, or with leading dots from those that it stands in. */
export function reached(
  path: string,
  owner: InstanceValue,
  site: Span,
  context: SettingsContext,
  depth = 0,
): Value | undefined {
  const dots = /^\.*/.exec(path)![0].length;
  let at: InstanceValue = owner;
  if (dots === 0) for (let up = parentOf(at); up; up = parentOf(at)) at = up;
  for (let up = 1; up < dots; up++) at = parentOf(at) ?? at;
  let value: Value = at;
  for (const part of path
    .slice(dots)
    .replace(/\[(\w+)\]/g, '.$1')
    .split('.')
    .filter(Boolean)) {
    if (value.type === 'instance') {
      const key =
        value.held?.type === 'dict' && value.held.entries.has(hashKey(string(part))!)
          ? string(part)
          : int(Number(part));
      const next = entryOf(value, key, site, context, depth + 1);
      if (!next) return undefined;
      value = next;
    } else if (value.type === 'list') {
      const item: Value | undefined = value.items[Number(part)];
      if (!item) return undefined;
      value = item;
    } else return value.type === 'unknown' ? value : undefined;
  }
  return value;
}

function referred(
  expression: string,
  owner: InstanceValue,
  site: Span,
  context: SettingsContext,
  depth: number,
): Value {
  const [, resolver, rest] = /^\s*([\w.]+)\s*:(.*)$/s.exec(expression) ?? [];
  if (resolver === undefined)
    return (
      reached(expression.trim(), owner, site, context, depth) ??
      unknown(`there is no setting '${shown(expression)}'`, site)
    );
  const given = rest!.split(',').map(scalar);
  // The environment holds text, and so does what stands in its place.
  if (resolver === 'oc.env')
    return given[1]
      ? string(rest!.slice(rest!.indexOf(',') + 1).trim())
      : unknown(`the environment's variable ${shown(rest!)} is not known before running`, site);
  if (resolver === 'oc.decode') return given[0] ?? NONE;
  if (resolver === 'oc.select')
    return reached(rest!.split(',')[0]!.trim(), owner, site, context, depth) ?? given[1] ?? NONE;
  if (OUTSIDE.test(resolver)) return unknown(`'\${${shown(expression)}}' is not known before running`, site);
  const own = context.resolvers.get(resolver);
  return own ? context.run.call(own, positional(...given), site) : unknown(`there is no resolver '${resolver}'`, site);
}

/** A text with its `${…}` filled in; one that is nothing else is the value itself. */
export function interpolated(
  text: string,
  owner: InstanceValue,
  site: Span,
  context: SettingsContext,
  depth: number,
): Value {
  let left = text;
  for (let round = 0; round < DEEPEST; round++) {
    const found = INNERMOST.exec(left);
    if (!found) return string(left);
    if (depth > DEEPEST) return unknown(`'${shown(text)}' refers to itself`, site);
    const value = referred(found[1]!, owner, site, context, depth);
    if (value.type === 'unknown' || found[0] === left) return value;
    left = `${left.slice(0, found.index)}${str(value)}${left.slice(found.index + found[0].length)}`;
  }
  return unknown(`'${shown(text)}' has too many references`, site);
}
