// What a person sees and does: one file a surface. A surface renders the report that the store has and computes nothing
// of its own; it knows no other surface and never calls the engine.
export { CodeActions } from './codeActions';
export { registerCommands } from './commands';
export { Diagnostics } from './diagnostics';
export { LayerHover } from './hover';
export { LayerHints } from './inlayHints';
export { LanguageStatus } from './languageStatus';
export { ModelLenses } from './modelLenses';
export { Panel } from './panel';
export { AskingQuestions } from './questions';
export { RunningContext } from './runningContext';
export { save } from './saveReport';
export { Sidebar } from './sidebar';
export { StructureProblems } from './structureProblems';
