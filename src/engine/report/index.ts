// The Report: all that is known about a network, and its renderers. Nothing here computes a figure.
// The renderers (`./renderers`) are not among the exports, so that who only needs the types does not load them.
export * from './advice';
export { figure } from './figureText';
export { networkRecord } from './networkRecord';
export * from './report';
export { reportSource } from './reportSource';
export { recommendationSentence } from './sentences';
export * from './severity';
export { inWords, percent } from './words';
