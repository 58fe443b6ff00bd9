// Edits: Changes of a Network as edits of the Python text that it was read from, each read again and compared before it is
// offered. Nothing here decides what to change, and no editor is known.
export { editArgument } from './editArgument';
export type { EditableSource, SourceEdit } from './editable';
export { type Edited, editSource } from './editSource';
export type { BrokenKeys } from './stateDict';
