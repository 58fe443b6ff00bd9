// Changes: site, operation, layer. Applied to a Network they make a variant; what edits/ makes of them is a source text's edit.
// And a network made narrower, for one too large to be probed as it is.
export * from './change';
export * from './mend';
export * from './narrow';
