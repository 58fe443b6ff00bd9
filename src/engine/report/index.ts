// The Report: all that is known about a network, and its renderers. Nothing here computes a figure.
export * from './report';
