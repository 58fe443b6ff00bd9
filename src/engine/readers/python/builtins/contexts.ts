import { contextManager, managerCall } from '../evaluator/managers';
import { argument, bool, builtin, instanceOf, NONE, positional, type Value } from '../values';
import { isInstance } from './isInstance';
import type { BuiltinTable } from './row';

/** Python's contextlib. */
export const contexts: BuiltinTable = {
  /** One thread has one value of it. */
  'contextvars.ContextVar': (args) => {
    let value: Value | undefined = args.keywords.get('default');
    return instanceOf('ContextVar', {
      get: builtin('get', (more) => value ?? argument(more, 0)),
      set: builtin('set', (more) => {
        const before = value ?? NONE;
        value = argument(more, 0);
        return instanceOf('Token', { old_value: before });
      }),
      reset: builtin('reset', (more) => {
        const [token] = more.positional;
        value = token?.type === 'instance' ? token.attributes.get('old_value') : undefined;
        return NONE;
      }),
    });
  },
  'threading.Lock': () => NONE,
  'threading.RLock': () => NONE,
  'contextlib.contextmanager': (args, _, run) => {
    const callee = argument(args, 0);
    if (callee.type !== 'function') return callee;
    return builtin(callee.name, (more) => contextManager(callee, more, run));
  },
  /** Which of its ways PyTorch computes attention by. */
  'torch.nn.attention.sdpa_kernel': () => NONE,
  'contextlib.nullcontext': (args) => {
    const given = argument(args, 0);
    return instanceOf('nullcontext', {
      __enter__: builtin('__enter__', () => given),
      __exit__: builtin('__exit__', () => NONE),
    });
  },
  'contextlib.suppress': (args) =>
    instanceOf('suppress', {
      __enter__: builtin('__enter__', () => NONE),
      __exit__: builtin('__exit__', (more) => {
        const [of, error] = more.positional;
        if (!of || of.type === 'none') return bool(false);
        return bool(args.positional.some((each) => isInstance(error ?? NONE, each) === true));
      }),
    }),
  'contextlib.ExitStack': (_, __, run) => {
    const opened: Value[] = [];
    const made = instanceOf('ExitStack', {
      __exit__: builtin('__exit__', (given, site) => {
        for (const each of opened.reverse()) {
          const leave = run.findAttribute(each, '__exit__', site);
          if (leave) run.call(leave, positional(...given.positional), site);
        }
        return NONE;
      }),
      enter_context: builtin('enter_context', (given, site) => {
        const of = argument(given, 0);
        if (!managerCall(of)) opened.push(of);
        const enter = of.type === 'instance' ? run.findAttribute(of, '__enter__', site) : undefined;
        return enter ? run.call(enter, positional(), site) : of;
      }),
      callback: builtin('callback', () => NONE),
      close: builtin('close', () => NONE),
      pop_all: builtin('pop_all', () => made),
    });
    made.attributes.set(
      '__enter__',
      builtin('__enter__', () => made),
    );
    return made;
  },
  'types.SimpleNamespace': (args) => {
    const made = instanceOf('namespace', Object.fromEntries(args.keywords));
    Object.assign(made.class, {
      fields: [...made.attributes.keys()].map((name) => ({ name, kind: 'keywordOnly' as const })),
    });
    return made;
  },
};
