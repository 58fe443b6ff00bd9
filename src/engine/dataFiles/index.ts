// A person's own data: arrays in .npy, .npz and .csv files, read by small parsers that run nothing and trust no size.
// Nothing here knows a network; whether the arrays fit one is checked where they are used.
export * from './array';
export * from './read';
