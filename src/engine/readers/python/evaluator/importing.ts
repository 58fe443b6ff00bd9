import type { Span } from '../../../network';
import { field, type SyntaxNode } from '../syntax';
import { bind, bool, builtin, defer, globalScope, NONE, type Scope, type Value } from '../values';
import type { Evaluation } from './evaluation';

/** What a library's full name means, where the reader knows more of it than the name. */
function known(path: string, run: Evaluation): Value | undefined {
  if (path.startsWith('.')) return undefined;
  const value = run.library(path);
  return value.type === 'library' ? undefined : value;
}

/** What the reader knows of a library's name where its own source imports it from the file that defines it. */
const knownIn = (module: string, name: string, run: Evaluation): Value | undefined =>
  known(`${module}.${name}`, run) ?? known(`${module.replace(/\.\w+$/, '')}.${name}`, run);

/** Functions that count or warn, whatever library they are of: they give nothing and change nothing. */
const SILENT_NAMES = /^_log_api_usage_once$/;

/** Packages of Python itself: modules of which the reader has no source. */
const STANDARD =
  /^(abc|argparse|ast|asyncio|base64|bisect|builtins|collections|concurrent|contextlib|copy|csv|ctypes|dataclasses|datetime|decimal|difflib|enum|fnmatch|fractions|functools|gc|getpass|glob|gzip|hashlib|heapq|importlib|inspect|io|itertools|json|keyword|locale|logging|math|multiprocessing|numbers|operator|os|pathlib|pickle|pkgutil|platform|pprint|queue|random|re|shutil|signal|socket|sqlite3|statistics|string|struct|subprocess|sys|tarfile|tempfile|textwrap|threading|time|timeit|tokenize|traceback|types|typing|unittest|urllib|uuid|warnings|weakref|xml|zipfile|zlib)(\.|$)/;

/** Packages that do faster what PyTorch does too: code that tries them goes on without. */
const ACCELERATORS =
  /^(flash_attn|flash_attn_interface|xformers|apex|triton|mamba_ssm|causal_conv1d|causal_conv1d_cuda|natten|bitsandbytes|deepspeed|fairscale|transformer_engine|spconv|torchsparse|torch_scatter|pointnet2_ops|habana_frameworks|torch_npu|torch_xla|intel_extension_for_pytorch)(\.|$)/;

/** Raises what Python does where a file tries to import one that is not here. */
function withoutAccelerator(path: string, site: Span, run: Evaluation): void {
  if (run.tryDepth > 0 && ACCELERATORS.test(path) && unread(path, run) !== '')
    run.raise('ModuleNotFoundError', `No module named '${path.split('.')[0]}'`, site);
}

/** Why nothing of a library's source was read, to follow a sentence; empty where that is not what is missing. */
export function unread(path: string, run: Evaluation): string {
  const top = path.split('.')[0]!;
  if (path.startsWith('.') || run.framework.modelled(path) || STANDARD.test(path)) return '';
  const found = run.imports.package(top);
  if (found === 'found' && run.framework.closed?.(path)) return `: of the package ${top} no source is read`;
  if (found === 'unnamed')
    return `: the package ${top} is not read, as nobody says where it is installed${run.imports.hint === '' ? '' : `: ${run.imports.hint}`}`;
  return found === 'missing' ? `: there is no package ${top} where packages are read` : '';
}

/** The scope's file imports another: its value, where it may be read. */
function fileOf(path: string, scope: Scope, run: Evaluation) {
  const from = globalScope(scope).file;
  return from && !run.framework.modelled(path) ? run.imports.find(path, from) : undefined;
}

/** `import a.b as c`: a file where there is one to read, else the name of a library, whose meaning is looked up where it is used. */
export function importStatement(node: SyntaxNode, scope: Scope, run: Evaluation): undefined {
  for (const name of node.fields.name ?? []) {
    const [path, local] =
      name.type === 'aliased_import'
        ? [field(name, 'name')!.text, field(name, 'alias')!.text]
        : [name.text.split('.')[0]!, name.text.split('.')[0]!];
    const file = fileOf(path, scope, run);
    if (!file) withoutAccelerator(path, run.span(name), run);
    bind(scope, local, file ?? { type: 'library', path });
  }
}

/** `from a import b as c`: found when `c` is first used, so that unused imports cost nothing. */
export function importFrom(node: SyntaxNode, scope: Scope, run: Evaluation): undefined {
  const from = field(node, 'module_name')!.text;
  if (node.children.some(({ type }) => type === 'wildcard_import')) importStar(from, scope, run);
  for (const name of node.fields.name ?? []) {
    const original = (name.type === 'aliased_import' ? field(name, 'name')! : name).text;
    const local = name.type === 'aliased_import' ? field(name, 'alias')!.text : original;
    const joined = /\.$/.test(from) ? `${from}${original}` : `${from}.${original}`;
    if (SILENT_NAMES.test(original)) {
      bind(
        scope,
        local,
        builtin(original, () => NONE),
      );
      continue;
    }
    if (joined === 'typing.TYPE_CHECKING') {
      // A file that puts something else in its own place says to type checkers what it gives.
      bind(scope, local, bool(/sys\.modules\[__name__\]\s*=/.test(globalScope(scope).file?.text ?? '')));
      continue;
    }
    const own = known(joined, run);
    const file = own || run.framework.modelled(joined) ? undefined : fileOf(from, scope, run);
    if (!file) {
      withoutAccelerator(joined, run.span(name), run);
      bind(scope, local, own ?? fileOf(joined, scope, run) ?? run.library(joined));
      continue;
    }
    const modelled = knownIn(file.name, original, run);
    if (modelled) {
      bind(scope, local, modelled);
      continue;
    }
    const source = run.span(name);
    defer(
      scope,
      local,
      () =>
        run.imports.member(file, original) ??
        run.unmodelled(joined, `cannot import name '${original}' from '${file.name}'`, source),
    );
  }
}

function importStar(from: string, scope: Scope, run: Evaluation): void {
  const file = fileOf(from, scope, run);
  const text = file?.scope.file?.text ?? '';
  if (file)
    globalScope(scope).stars.push({
      from: file.name,
      mayHave: (name) => text.includes(name) || /import \*/.test(text),
      find: (name) => run.imports.member(file, name),
    });
  else run.findings.starImports.push(from);
}
