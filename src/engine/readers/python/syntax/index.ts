// Python text to a plain syntax tree, and what to say when it does not parse.
// Nothing here knows what Python means.
export * from './node';
export { loadPythonParser, type ParsedPython, PythonParser, parsePython, type SyntaxProblem } from './parse';
