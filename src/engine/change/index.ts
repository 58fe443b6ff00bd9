// Changes: site, operation, layer. Applied to a Network they make a variant; applied to source text, an edit (to come). And a
// network made narrower, for one too large to be probed as it is.
export * from './change';
export * from './narrow';
