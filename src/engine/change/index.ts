// Changes: site, operation, layer. Applied to a Network they make a variant; applied to source text, an edit (to come).
export * from './change';
