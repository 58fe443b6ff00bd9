/** Something of a node that is not modelled: why, in words. The node is listed, and what hangs on it left out. */
export class NotRead extends Error {}
