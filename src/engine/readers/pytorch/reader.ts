import { InputError, type Network, type SourceDocument, sourceDocument, spanOf, type Unmodelled } from '../../network';
import {
  BudgetExceeded,
  createEvaluation,
  type Evaluation,
  type Framework,
  LIMITS,
  PythonError,
} from '../python/evaluator';
import { importsFrom, PythonFiles } from '../python/imports';
import { loadPythonParser, type ParsedPython, type PythonParser, parsePython } from '../python/syntax';
import { type ModuleValue, string, type Value } from '../python/values';
import type { Reader, ReadOptions } from '../reader';
import { assemble } from './assemble';
import { pytorch } from './builtins';
import { type Candidate, type Given, inputErrorOf, namedCandidate, offeredCandidates } from './candidates';
import { type Directives, readDirectives, surroundingsOf } from './script';

/** Another library's models, which are put together in a way of their own. */
export interface OtherModels {
  owns(module: ModuleValue): boolean;
  /** @throws InputError where its shapes do not fit or its code fails. */
  assemble(candidate: Candidate, options: ReadOptions, directives: Directives, run: Evaluation): Network;
}

/** The libraries that a reading knows: their names, and models of others than PyTorch. */
export interface Libraries {
  readonly framework: Framework;
  readonly others: readonly OtherModels[];
}

/** What one statement of the script may cost. */
const STATEMENT_OPERATIONS = 500_000;
/** What the whole script may cost. */
const SCRIPT_OPERATIONS = 800_000;

/** Runs the file's statements over symbolic values. One that goes beyond its budget is left, and what comes after is read. */
function evaluateScript({ statements }: ParsedPython, run: Evaluation): Unmodelled[] {
  const left: Unmodelled[] = [];
  let remaining = SCRIPT_OPERATIONS;
  for (const statement of statements) {
    const budget = Math.max(1000, Math.min(STATEMENT_OPERATIONS, remaining));
    run.budget.operations = budget;
    try {
      run.execute(statement, run.globals);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      left.push({
        what: statement.text.split('\n')[0]!.slice(0, 60),
        why: `it was not read to the end: ${error.message}`,
        source: run.span(statement),
      });
    }
    Object.assign(run.budget, { callDepth: 0, nesting: 0 });
    run.owners.length = 0;
    run.tryDepth = 0;
    remaining -= budget - Math.max(0, run.budget.operations);
  }
  return left;
}

/** `--set k=v` as Python values: a literal, or else the text itself. */
async function givenArguments(
  set: Readonly<Record<string, string>> | undefined,
  framework: Framework,
): Promise<Map<string, Value>> {
  const given = new Map<string, Value>();
  for (const [name, text] of Object.entries(set ?? {})) given.set(name, await literal(text, framework));
  return given;
}

async function literal(text: string, framework: Framework): Promise<Value> {
  const document = sourceDocument('set:', text);
  const { statements, problems } = await parsePython(document);
  const [statement] = statements;
  const expression = statement?.type === 'expression_statement' ? statement.children[0] : undefined;
  if (problems.length > 0 || statements.length !== 1 || !expression) return string(text);
  const run = createEvaluation(document, framework);
  try {
    const value = run.evaluate(expression, run.globals);
    return /^(none|bool|int|float|string|list|tuple|dict)$/.test(value.type) ? value : string(text);
  } catch (error) {
    if (error instanceof PythonError || error instanceof BudgetExceeded) return string(text);
    throw error;
  }
}

/** The network, where usual values stand for arguments with those of them that it accepts. */
function withUsualArguments({ make, otherwise = [] }: Candidate, put: (make: () => ModuleValue) => Network): Network {
  let best: Network | undefined;
  let refused: InputError | undefined;
  for (const each of [make, ...otherwise]) {
    try {
      const network = put(each);
      if (network.outputs.length > 0) return network;
      best ??= network;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refused ??= error;
    }
  }
  if (best) return best;
  throw refused!;
}

/** Assembles each, and where some fail or come too late says so beside the last that is read. @throws the first error when all fail. */
function assembleAll(
  candidates: readonly Candidate[],
  options: ReadOptions,
  run: Evaluation,
  directives: Directives,
  others: readonly OtherModels[],
): Network[] {
  const networks: Network[] = [];
  const failed: InputError[] = [];
  const missing: Unmodelled[] = [];
  for (const candidate of candidates) {
    if (networks.length > 0 && run.budget.spent > LIMITS.file) {
      const why = 'it is not read: the models before it took all the work that a file may; ask for it by ::NAME';
      missing.push({ what: candidate.name, why, source: candidate.source });
      continue;
    }
    const put = (make: () => ModuleValue): Network => {
      const root = make();
      const own = others.find((library) => library.owns(root))?.assemble ?? assemble;
      return own({ ...candidate, make: () => root }, options, directives, run);
    };
    try {
      networks.push(withUsualArguments(candidate, put));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      failed.push(error);
      missing.push({ what: candidate.name, why: error.message, source: error.source ?? candidate.source });
    }
  }
  if (networks.length === 0 && failed[0]) throw failed[0];
  return networks.map((network, i) =>
    i < networks.length - 1 ? network : { ...network, unmodelled: [...network.unmodelled, ...missing] },
  );
}

async function read(document: SourceDocument, options: ReadOptions, libraries: Libraries): Promise<readonly Network[]> {
  const given = await givenArguments(options.set, libraries.framework);
  return readWith(await loadPythonParser(), document, options, given, libraries);
}

/** In one turn: the parser's nodes serve the next reading. */
function readWith(
  parser: PythonParser,
  document: SourceDocument,
  options: ReadOptions,
  given: Given,
  { framework, others }: Libraries,
): Network[] {
  const directives = readDirectives(document);
  const parsed = parser.parse(document);
  const problem = parsed.problems[0];
  const syntaxError = problem && new InputError(`SyntaxError: ${problem.what}`, 'mend the syntax', problem.source);
  const run = createEvaluation(document, framework);
  if (options.imports) run.imports = importsFrom(new PythonFiles(options.imports), parser, run);
  try {
    run.given = given;
    const left = evaluateScript(parsed, run);
    const name = options.name ?? directives.name;
    let candidates: Candidate[];
    try {
      candidates = name
        ? [namedCandidate(name, given, options, run)]
        : offeredCandidates(parsed.statements, given, options, run);
    } catch (error) {
      throw syntaxError ?? error;
    }
    if (candidates.length === 0) {
      if (syntaxError) throw syntaxError;
      // What a library's function raises is as good a reason as what a model's own code does.
      const failure = run.findings.failures.find(
        (each) => each instanceof InputError || each.inModel || each.source.uri !== document.uri,
      );
      if (failure) throw failure instanceof PythonError ? inputErrorOf(failure, 'making the model fails') : failure;
      const unread = [...run.globals.names].filter(([, value]) => value.type === 'unknown');
      // Of what is not known the model is what a person looks for.
      const open = unread.findLast(([name]) => /model|net/i.test(name)) ?? unread.at(-1);
      // A statement that reached a limit gave no value to ask.
      const cut = open ? undefined : left[0];
      const why =
        open?.[1].type === 'unknown'
          ? `; ${open[0]} is not known: ${open[1].why}`
          : cut
            ? `; ${cut.what} ${cut.why.replace(/^it was/, 'was')}`
            : '';
      throw new InputError(
        `the file offers no model${why}`,
        cut ? 'make it smaller' : 'define a class below nn.Module, or name a function that returns one',
        cut?.source ?? spanOf(document),
      );
    }
    const networks = assembleAll(candidates, options, run, directives, others);
    const skipped = parsed.problems.map(
      ({ what, source }): Unmodelled => ({
        what: 'a part of the file',
        why: `SyntaxError: ${what}`,
        source,
      }),
    );
    const surroundings = surroundingsOf(parsed.statements, run);
    return networks.map((network) => ({
      ...network,
      unmodelled: [...network.unmodelled, ...left, ...skipped],
      surroundings,
    }));
  } catch (error) {
    if (error instanceof RangeError) {
      const what = /call stack/.test(error.message) ? 'nested too deeply' : 'making a value too large';
      throw new InputError(`the file is ${what} to read`, 'simplify it', spanOf(document));
    }
    if (error instanceof BudgetExceeded)
      throw new InputError(`the file is not read to the end: ${error.message}`, 'simplify it', spanOf(document));
    if (syntaxError && error instanceof InputError) throw syntaxError;
    throw error;
  }
}

/** Reads Python model files without running anything in them: PyTorch's, and what `libraries` adds. */
export const scriptReader = (format: string, libraries: Libraries): Reader => ({
  format,
  reads: (fileName) => fileName.toLowerCase().endsWith('.py'),
  read: (document, options) => read(document, options, libraries),
});

/** PyTorch's model files alone. */
export const pytorchReader: Reader = scriptReader('pytorch', { framework: pytorch, others: [] });
