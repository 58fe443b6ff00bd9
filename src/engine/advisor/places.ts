import type { Change } from '../change';
import { type Message, message, type Network, type Span } from '../network';
import type { ReportSource, SitePlan } from '../report';
import { allSites, type Site } from './sites';

const WHERE: Readonly<Record<SitePlan['place'], string>> = {
  'before-activation': 'between a layer with weights and its activation',
  'after-activation': 'behind an activation',
  'branch-start': 'at the start of a residual branch',
  'branch-end': 'at the end of a residual branch',
  'pre-block': 'before a block, on a branch of the residual stream',
  'post-block': 'behind a block’s sum, on the residual stream itself',
  recurrence: 'inside of the recurrence, at every step',
  input: 'at the input',
  final: 'behind the last block',
  between: 'between two layers',
};

/** A place in words. */
export const describePlace = (place: SitePlan['place']): string => WHERE[place];

function reasonFor(site: Site, action: SitePlan['action'], norm: string | null): Message {
  const where = WHERE[site.place];
  const args = { where, norm: norm ?? '', now: site.existing ? site.call.kind : '' };
  switch (action) {
    case 'keep':
      return message('place-keep', '{now} {where}: it stays.', args);
    case 'replace':
      return message('place-replace', '{norm} in {now}’s place, {where}.', args);
    case 'remove':
      return message('place-remove', '{now} {where}: it goes.', args);
    case 'add':
      return message('place-add', '{norm} {where}.', args);
    case 'leave':
      return message('place-leave', 'Nothing {where}: it is left so.', args);
  }
}

/** Every site of a network in the order of the calls, with what the changes do there. */
export function sitePlans(
  network: Network,
  changes: readonly Change[],
  toSource: (span: Span) => ReportSource,
): SitePlan[] {
  const bySite = new Map<string, Change[]>();
  for (const change of changes) bySite.set(change.site, [...(bySite.get(change.site) ?? []), change]);
  const { standing, empty } = allSites(network);
  const order = new Map(network.calls.map(({ id }, i) => [id, i] as const));
  const modules = new Map(network.modules.map((module) => [module.id, module] as const));
  return [...standing, ...empty]
    .sort((a, b) => order.get(a.call.id)! - order.get(b.call.id)!)
    .map((site): SitePlan => {
      const { call, existing, place } = site;
      const own = bySite.get(call.id) ?? [];
      const replaced = own.find(({ operation }) => operation === 'replace' || operation === 'set');
      const inserted = own.find(({ operation }) => operation === 'insert');
      const removed = own.some(({ operation }) => operation === 'remove');
      const change = existing ? replaced : inserted;
      const action = change ? (existing ? 'replace' : 'add') : removed ? 'remove' : existing ? 'keep' : 'leave';
      const now = existing ? call.kind : null;
      const norm = change ? ('layer' in change ? change.layer.kind : now) : removed ? null : now;
      const made = call.module === undefined ? undefined : modules.get(call.module);
      return {
        layer: call.module ?? call.id,
        source: toSource((made ?? call).source),
        place,
        now,
        action,
        norm,
        reason: reasonFor(site, action, norm),
      };
    });
}
