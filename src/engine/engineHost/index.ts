// The engine as a server: the protocol's requests answered over any JSON-RPC connection. It knows reading, analysis and
// the protocol; nothing of processes (host.ts has those), of VS Code or of the command line.
export { type EngineHost, serveEngine } from './serve';
