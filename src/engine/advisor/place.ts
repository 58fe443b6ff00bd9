import type { Call } from '../network';
import type { SitePlan } from '../report';
import { residualSums } from './traits';
import { roleOf, type View } from './view';

type Place = SitePlan['place'];

/** What neither computes nor joins anything: a norm's neighbours are looked for beyond it. */
const passes = (call: Call): boolean => {
  const role = roleOf(call);
  return role === 'shape' || role === 'dropout' || call.kind === 'Identity';
};

/** What a value is made by, beyond what only moves it; undefined where that is an input of the network. */
function maker(view: View, call: Call): Call | undefined {
  let [at] = view.sources(call);
  for (let steps = 0; at && passes(at) && steps < 20; steps++) [at] = view.sources(at);
  return at;
}

/** What takes a value, beyond what only moves it. */
function takers(view: View, call: Call): Call[] {
  const found: Call[] = [];
  const waiting = [...view.users(call.id)];
  for (let steps = 0; waiting.length > 0 && steps < 50; steps++) {
    const next = waiting.shift()!;
    if (passes(next)) waiting.push(...view.users(next.id));
    else found.push(next);
  }
  return found;
}

/** The place of a norm that stands, by what makes its input and what takes its output. */
export function placeOfNorm(view: View, call: Call, repeated: ReadonlySet<string>): Place {
  const from = maker(view, call);
  if (inRecurrence(view, call, from, repeated)) return 'recurrence';
  if (!from) return 'input';
  const to = takers(view, call);
  const residual = residualSums(view);
  const ends = to.some(({ id }) => residual.has(id));
  const [operand] = view.operands(call);
  const streamed = residual.has(from.id) || (operand !== undefined && joinsLater(view, operand, call, residual));
  const block = blockOf(view, to);
  if (streamed) {
    if (ends) return 'post-block';
    // Where the sum adds to what a norm gave, norms stand on the stream itself.
    const onStream = residual.has(from.id) && view.sources(from).some((each) => isNormed(view, each));
    if (onStream) return 'post-block';
    if (to.length === 0 || isLast(view, call, residual)) return 'final';
    if (residual.has(from.id) && !joinsLater(view, operand!, call, residual)) return 'post-block';
    return block ? 'pre-block' : 'branch-start';
  }
  if (ends) return 'branch-end';
  if (roleOf(from) === 'activation') return 'after-activation';
  if (to.length > 0 && to.every((user) => roleOf(user) === 'activation')) return 'before-activation';
  return 'between';
}

/** Whether a value is what a norm gave, beyond what only moves it. */
function isNormed(view: View, call: Call): boolean {
  const at = passes(call) ? maker(view, call) : call;
  return at !== undefined && roleOf(at) === 'norm';
}

/** Whether what a norm takes is itself added to something behind: the norm stands on a branch of it. */
function joinsLater(view: View, operand: string, call: Call, residual: ReadonlySet<string>): boolean {
  const users = view.users(operand).filter((user) => user !== call);
  return users.some((user) => residual.has(user.id) || (passes(user) && joinsLater(view, user.id, call, residual)));
}

/** A block of attention, or of layers over features: a Transformer's; a branch of convolutions is none. */
const blockOf = (view: View, takers: readonly Call[]): boolean =>
  takers.some((taker) => roleOf(taker) === 'attention' || taker.kind === 'Linear' || taker.kind === 'KerasDense') &&
  view.network.calls.some((call) => roleOf(call) === 'attention' || /^(matmul|bmm|einsum)$/.test(call.kind));

/** No residual sum comes after it, in the order of the calls. */
const isLast = ({ network: { calls } }: View, call: Call, residual: ReadonlySet<string>): boolean =>
  calls.findLastIndex(({ id }) => residual.has(id)) < calls.indexOf(call);

/** Whether it is called step by step, with the module that makes its input. */
const inRecurrence = (view: View, call: Call, from: Call | undefined, repeated: ReadonlySet<string>): boolean =>
  (from?.module !== undefined && repeated.has(from.module)) ||
  view.sources(call).some(({ module }) => module !== undefined && repeated.has(module));
