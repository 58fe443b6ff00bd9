// PyTorch model files, read and never run: syntax, an evaluator over symbolic values, modules and their forward, the script around.
// It knows the Network and the layer rows; no rule, no probe, no other reader.
export { pytorch } from './builtins';
export { pytorchReader, scriptReader } from './reader';
