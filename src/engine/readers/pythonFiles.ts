import { assembleKeras, isKerasModel, withKeras } from './keras';
import { pytorch, scriptReader } from './pytorch';

/** Python model files: one evaluator, the names of PyTorch and of Keras, and models of either, in one file too. */
export const pythonReader = scriptReader('pytorch', {
  framework: withKeras(pytorch),
  others: [{ owns: isKerasModel, assemble: assembleKeras }],
});
