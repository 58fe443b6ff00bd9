// What a person has decided to leave as it is: comments in the source, and a baseline of findings that were there before.
// Nothing is judged anew here; what is left out is kept, and counted.
export {
  type Baseline,
  type BaselineEntry,
  baselineOf,
  baselineText,
  type LineText,
  parseBaseline,
  withBaseline,
} from './baseline';
export { type Ignored, type Judged, withoutIgnored } from './ignored';
export { type SourceTexts, sourceTexts } from './texts';
