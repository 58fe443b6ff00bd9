import { InputError, type SourceDocument, spanOf } from '../../network';
import { BudgetExceeded, createEvaluation, type Framework, PythonError } from '../python/evaluator';
import type { Reader, ReadOptions } from '../reader';
import { configurationOf } from './archive';
import { assembleKeras } from './assemble';
import { parseJson } from './json';
import { rememberTraining, SavedModel } from './saved';
import { stateOf } from './state';

/** A reader of saved models: the text of `to_json()`, or an archive with such a text in it. */
const savedReader = (
  extension: string,
  framework: Framework,
  textOf: (document: SourceDocument) => SourceDocument,
): Reader => ({
  format: 'keras',
  reads: (fileName) => fileName.toLowerCase().endsWith(extension),
  async read(document: SourceDocument, options: ReadOptions) {
    const config = textOf(document);
    const saved = parseJson(config);
    const run = createEvaluation(config, framework);
    const places = spanOf(config);
    try {
      const root = new SavedModel(config, run).model(saved);
      rememberTraining(root, saved, places);
      const name = stateOf(root).name || 'model';
      if (options.name !== undefined && options.name !== name) {
        throw new InputError(`there is no ${options.name} in the file`, `there is ${name}`, places);
      }
      return [assembleKeras({ name, source: root.source, make: () => root }, options, { inputs: [] }, run)];
    } catch (error) {
      if (error instanceof PythonError) {
        throw new InputError(
          `the saved model does not fit together: ${error.message}`,
          error.mend ?? 'save the model again',
          error.source,
        );
      }
      if (error instanceof BudgetExceeded)
        throw new InputError(`the model takes too long to read: ${error.message}`, 'read a smaller one', places);
      throw error;
    }
  },
});

/** Saved configurations: `model.to_json()` in a `.json` file. */
export const savedJson = (framework: Framework): Reader => savedReader('.json', framework, (document) => document);

/** `.keras` archives, of which the configuration alone is read. */
export const savedArchive = (framework: Framework): Reader => savedReader('.keras', framework, configurationOf);
