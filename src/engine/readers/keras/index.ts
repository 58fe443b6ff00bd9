// Keras in Python files: what its names mean beside another framework's, and its models as Networks. Saved configurations
// become the same calls that a file would write. It knows the Python language and the layer rows; no other reader.
export { assembleKeras } from './assemble';
export { withKeras } from './framework';
export { savedArchive, savedJson } from './savedReader';
export { isKerasClass, isKerasModel } from './state';
