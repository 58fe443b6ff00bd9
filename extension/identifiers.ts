import type { RuntimeChoice } from '../src/engine/runtimeChoice';

/** Every command's id. package.json declares the same; a test holds the two together. */
export const commands = {
  analyzeNetwork: 'normscope.analyzeNetwork',
  showReport: 'normscope.showReport',
  exportReport: 'normscope.exportReport',
  cancelAnalysis: 'normscope.cancelAnalysis',
  applyRecommendation: 'normscope.applyRecommendation',
  replaceNorms: 'normscope.replaceNorms',
  forgetAnswers: 'normscope.forgetAnswers',
  showLog: 'normscope.showLog',
} as const;

/** Every view's id; package.json declares the same. */
export const views = {
  sidebar: 'normscope.sidebar',
} as const;

/** Every setting below `normscope.`, with the default that package.json declares. */
export const settings = {
  'inlayHints.enabled': true,
  'problems.enabled': true,
  'problems.whileTyping': false,
  'hover.enabled': true,
  'codeActions.enabled': true,
  'codeLens.enabled': false,
  'languageStatus.enabled': true,
  'summary.enabled': true,
  'editorTitle.enabled': true,
  'analysis.budgetSeconds': 10,
  'analysis.seed': 0,
  'analysis.advise': true,
  'engine.idleMinutes': 5,
  'python.sitePackages': 'auto',
  runtime: 'auto',
  /** Severities by rule, or `off`. */
  rules: {},
} as const satisfies Record<string, boolean | number | string | object>;

/** The words of a setting that is one of several; package.json declares the same. */
export const settingWords = {
  runtime: ['auto', 'native', 'wasm'],
} as const satisfies { readonly [K in keyof typeof settings]?: readonly RuntimeChoice[] };

/** The section that every setting stands in. */
export const SETTINGS = 'normscope';

/** Context keys for `when` clauses. */
export const contextKeys = {
  /** An analysis is running. */
  running: 'normscope.running',
} as const;

/** Notebooks as VS Code itself opens `*.ipynb`. */
export const NOTEBOOK = 'jupyter-notebook';

/** Which documents have lines that figures stand beside, for providers. Held against the readers' table by a test. */
export const modelDocuments = [
  { pattern: '**/*.py' },
  { pattern: '**/*.normscope.{yaml,yml,json}' },
  { notebookType: NOTEBOOK, language: 'python' },
] as const;
