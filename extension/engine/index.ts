// The engine as the extension sees it: a process started when it is needed, supervised, and called over the protocol.
// Nothing here knows documents, reports' contents or a surface.
export { EngineClient, type EngineClientOptions, type RunListener } from './engineClient';
export { EngineProcess, type EngineProcessOptions } from './engineProcess';
export { CancelledRun, EngineFailure, WrongInput } from './failures';
