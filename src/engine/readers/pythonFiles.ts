import { assembleKeras, isKerasModel, savedArchive, savedJson, withKeras } from './keras';
import { pytorch, scriptReader } from './pytorch';

const framework = withKeras(pytorch);

/** Python model files: one evaluator, the names of PyTorch and of Keras, and models of either, in one file too. */
export const pythonReader = scriptReader('pytorch', {
  framework,
  others: [{ owns: isKerasModel, assemble: assembleKeras }],
});

/** Keras's saved models, which are the calls that a Python file would make. */
export const savedJsonReader = savedJson(framework);
export const savedArchiveReader = savedArchive(framework);
