// Recurrent cells over the steps of a sequence: what a step computes, how steps become one Scan node, and the rules of the
// two primitives. Knows nothing of layers' attributes, directions or stacks.
export { recurrences } from './rules';
