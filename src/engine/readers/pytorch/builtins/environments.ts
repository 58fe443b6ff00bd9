import type { Span } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import {
  argument,
  asNumber,
  bound,
  builtin,
  type ClassValue,
  dict,
  float,
  type InstanceValue,
  instanceOf,
  int,
  list,
  NO_ARGUMENTS,
  NONE,
  string,
  tuple,
  unknown,
  type Value,
} from '../../python/values';

/** What an environment shows and takes: a shape of numbers, or so many choices. */
interface Spaces {
  readonly observation: readonly number[] | number;
  readonly action: readonly number[] | number;
  /** The largest number that a continuous action has. */
  readonly high?: number;
}

/** Gymnasium's environments by name without version, as its documentation gives their spaces. */
const ENVIRONMENTS: Readonly<Record<string, Spaces>> = {
  CartPole: { observation: [4], action: 2 },
  MountainCar: { observation: [2], action: 3 },
  MountainCarContinuous: { observation: [2], action: [1] },
  Acrobot: { observation: [6], action: 3 },
  Pendulum: { observation: [3], action: [1], high: 2 },
  LunarLander: { observation: [8], action: 4 },
  LunarLanderContinuous: { observation: [8], action: [2] },
  BipedalWalker: { observation: [24], action: [4] },
  BipedalWalkerHardcore: { observation: [24], action: [4] },
  CarRacing: { observation: [96, 96, 3], action: [3] },
  FrozenLake: { observation: 16, action: 4 },
  FrozenLake8x8: { observation: 64, action: 4 },
  CliffWalking: { observation: 48, action: 4 },
  Taxi: { observation: 500, action: 6 },
  HalfCheetah: { observation: [17], action: [6] },
  Hopper: { observation: [11], action: [3] },
  Walker2d: { observation: [17], action: [6] },
  Ant: { observation: [27], action: [8] },
  Humanoid: { observation: [376], action: [17], high: 0.4 },
  Swimmer: { observation: [8], action: [2] },
  Reacher: { observation: [11], action: [2] },
  Pusher: { observation: [23], action: [7], high: 2 },
  InvertedPendulum: { observation: [4], action: [1], high: 3 },
  InvertedDoublePendulum: { observation: [11], action: [1] },
  HopperBulletEnv: { observation: [15], action: [3] },
  Walker2DBulletEnv: { observation: [22], action: [6] },
  HalfCheetahBulletEnv: { observation: [26], action: [6] },
  AntBulletEnv: { observation: [28], action: [8] },
  HumanoidBulletEnv: { observation: [44], action: [17] },
  InvertedPendulumBulletEnv: { observation: [5], action: [1] },
};

/** How many actions Atari's games have; all show the same screen. */
const ATARI: Readonly<Record<string, number>> = {
  Breakout: 4,
  Pong: 6,
  SpaceInvaders: 6,
  Qbert: 6,
  Freeway: 3,
  BeamRider: 9,
  Enduro: 9,
  MsPacman: 9,
  Seaquest: 18,
  Boxing: 18,
  Alien: 18,
  MontezumaRevenge: 18,
};

/** The spaces of an environment by its id: `CartPole-v1`, `BreakoutNoFrameskip-v4`, `ALE/Pong-v5`. */
function spacesOf(id: string): Spaces | undefined {
  const name = id.replace(/^ALE\//, '').replace(/-v\d+$/, '');
  if (Object.hasOwn(ENVIRONMENTS, name)) return ENVIRONMENTS[name];
  const game = name.replace(/(NoFrameskip|Deterministic|-ram)+$/, '');
  if (/^procgen[:-]/.test(name)) return { observation: [64, 64, 3], action: 15 };
  return Object.hasOwn(ATARI, game) ? { observation: [210, 160, 3], action: ATARI[game]! } : undefined;
}

const filled = (shape: readonly number[], value: number): Value =>
  shape.length === 1 && shape[0]! < 1000 ? list(Array.from({ length: shape[0]! }, () => float(value))) : float(value);

/** An object of a class that both Gym and Gymnasium have; what it lacks is not modelled. */
function ofGym(name: string, attributes: Readonly<Record<string, Value>>): InstanceValue {
  const made = instanceOf(name.slice(name.lastIndexOf('.') + 1), attributes);
  const bases = ['gym', 'gymnasium'].map(
    (library): ClassValue => ({
      type: 'class',
      name: made.class.name,
      path: `${library}.${name}`,
      resolution: [],
      attributes: new Map(),
    }),
  );
  (made.class.resolution as ClassValue[]).push(...bases);
  return made;
}

const space = (of: readonly number[] | number, high = 1): InstanceValue =>
  typeof of === 'number'
    ? ofGym('spaces.Discrete', { n: int(of), shape: tuple([]), dtype: string('int64') })
    : ofGym('spaces.Box', {
        shape: tuple(of.map(int)),
        high: filled(of, high),
        low: filled(of, -high),
        dtype: string('float32'),
      });

/** What Atari's actions are called, in the order of their numbers. */
const MEANINGS =
  'NOOP FIRE UP RIGHT LEFT DOWN UPRIGHT UPLEFT DOWNRIGHT DOWNLEFT UPFIRE RIGHTFIRE LEFTFIRE DOWNFIRE UPRIGHTFIRE UPLEFTFIRE DOWNRIGHTFIRE DOWNLEFTFIRE';

/** What an environment says of itself beside its spaces. */
const description = (id: string, action: number | readonly number[]): Record<string, Value> => ({
  spec: ofGym('envs.registration.EnvSpec', { id: string(id), max_episode_steps: int(1000) }),
  metadata: dict([]),
  ...(typeof action === 'number' && {
    get_action_meanings: builtin('get_action_meanings', () =>
      list(MEANINGS.split(' ').slice(0, Math.max(action, 1)).map(string)),
    ),
  }),
});

/** An environment, or several beside each other, as models ask them for their sizes. */
function environment(spaces: Spaces, count = 1, id = ''): InstanceValue {
  const { observation, action, high } = spaces;
  const first = Array.isArray(observation) ? filled(observation as number[], 0) : int(0);
  const reset = builtin('reset', () => tuple([first, dict([])]));
  const own = { observation: space(observation), action: space(action, high) };
  const made = ofGym('Env', {
    ...description(id, action),
    observation_space: own.observation,
    action_space: own.action,
    single_observation_space: own.observation,
    single_action_space: own.action,
    num_envs: int(count),
    reset,
    seed: builtin('seed', () => list([])),
    close: builtin('close', () => tuple([])),
  });
  made.attributes.set('unwrapped', made);
  return made;
}

/** What a space holds, by its attributes. */
function sizesOf(value: Value | undefined): readonly number[] | number | undefined {
  if (value?.type !== 'instance') return undefined;
  const choices = value.attributes.get('n');
  if (choices) return asNumber(choices);
  const shape = value.attributes.get('shape');
  const sizes = shape?.type === 'tuple' || shape?.type === 'list' ? shape.items.map(asNumber) : undefined;
  return sizes?.every((size) => size !== undefined) ? (sizes as number[]) : undefined;
}

/** The spaces of an environment, or of a wrapper of the file's own. */
function spacesIn(value: Value | undefined): Spaces | undefined {
  if (value?.type !== 'instance') return undefined;
  const observation = sizesOf(value.attributes.get('observation_space'));
  const action = sizesOf(value.attributes.get('action_space'));
  return observation === undefined || action === undefined ? undefined : { observation, action };
}

const make: BuiltinRow = (args, site) => {
  const id = args.positional[0] ?? args.keywords.get('id') ?? args.keywords.get('env_id');
  if (id?.type !== 'string')
    return id?.type === 'unknown' ? id : unknown('the name of the environment is not known', site);
  const spaces = spacesOf(id.value);
  return spaces
    ? environment(spaces, 1, id.value)
    : unknown(`the spaces of the environment ${id.value} are not known here`, site);
};

/** Several environments of functions that make one each. */
function several(args: Parameters<BuiltinRow>[0], site: Span, run: Evaluation): Value {
  const given = argument(args, 0);
  if (given.type === 'string') return make(args, site, run);
  const [first, ...more] = run.iterate(given, site) ?? [];
  if (!first) return unknown('what makes the environments is not known', site);
  const one = first.type === 'function' || first.type === 'builtin' ? run.call(first, NO_ARGUMENTS, site) : first;
  const spaces = spacesIn(one);
  return spaces ? environment(spaces, more.length + 1) : one;
}

/** What a wrapper changes of what is seen. */
function wrapped(name: string, args: Parameters<BuiltinRow>[0], site: Span): Value {
  const inner = argument(args, 0);
  const spaces = spacesIn(inner);
  if (!spaces) return inner.type === 'unknown' ? inner : unknown(`what ${name} wraps is not known`, site);
  const { observation } = spaces;
  if (typeof observation === 'number') return inner;
  const side = args.positional[1] ?? args.keywords.get('shape');
  const number = (value: Value | undefined) => (value ? asNumber(value) : undefined);
  if (/^ResizeObservation$/.test(name)) {
    const sides =
      side?.type === 'tuple' || side?.type === 'list' ? side.items.map(number) : [number(side), number(side)];
    const [height, width] = sides;
    if (height && width) return environment({ ...spaces, observation: [height, width, ...observation.slice(2)] });
  }
  if (/^Gr[ae]y[sS]caleObservation$/.test(name))
    return environment({ ...spaces, observation: observation.slice(0, 2) });
  if (/^WarpFrame$/.test(name)) return environment({ ...spaces, observation: [84, 84, 1] });
  if (/^AtariPreprocessing$/.test(name)) return environment({ ...spaces, observation: [84, 84] });
  if (/^FrameStack(Observation)?$/.test(name)) {
    const count = number(args.positional[1] ?? args.keywords.get('num_stack') ?? args.keywords.get('stack_size')) ?? 4;
    return environment({ ...spaces, observation: [count, ...observation] });
  }
  if (/^FlattenObservation$/.test(name))
    return environment({ ...spaces, observation: [observation.reduce((a, b) => a * b, 1)] });
  return inner;
}

/** `gym.spaces.Box(low, high, shape)` and `Discrete(n)`. */
const spaceOf =
  (kind: string): BuiltinRow =>
  (args, site, run) => {
    if (kind !== 'Box') return ofGym(`spaces.${kind}`, { n: argument(args, 0), shape: tuple([]) });
    const { low, shape } = bound(args, 'low', 'high', 'shape');
    const own = shape ?? (low && run.findAttribute(low, 'shape', site));
    return ofGym('spaces.Box', { shape: own ?? unknown('the shape of a space is not known', site) });
  };

/** Environments of Gym and Gymnasium and their wrappers by full name; undefined for any other name. */
export function environmentFunction(path: string): BuiltinRow | undefined {
  const [, kind] = /^(?:gym|gymnasium)\.spaces\.(?:\w+\.)*(Box|Discrete|MultiBinary)$/.exec(path) ?? [];
  if (kind) return spaceOf(kind);
  if (/^stable_baselines3\.common\.vec_env\.(\w+\.)*(Dummy|Subproc)VecEnv$/.test(path)) return several;
  if (/^stable_baselines3\.common\.env_util\.make_(vec|atari)_env$/.test(path)) return several;
  if (/^procgen\.ProcgenEnv$/.test(path)) return () => environment({ observation: [64, 64, 3], action: 15 });
  const [, rest] = /^(?:gym|gymnasium)\.(.+)$/.exec(path) ?? [];
  if (rest === 'make') return make;
  if (rest && /^vector\.(SyncVectorEnv|AsyncVectorEnv|make)$|^make_vec$/.test(rest)) return several;
  const wrapper =
    /^(?:gym|gymnasium)\.wrappers\.(?:\w+\.)*([A-Z]\w*)$/.exec(path) ??
    /^stable_baselines3\.common\.atari_wrappers\.(\w+)$/.exec(path);
  return wrapper ? (args, site) => wrapped(wrapper[1]!, args, site) : undefined;
}

/**
 * What a function of a package that is not read gives for an environment: a wrapper of the same spaces, or with so many
 * frames stacked as its name says.
 */
export function passedEnvironment(path: string, args: Parameters<BuiltinRow>[0], site: Span): Value | undefined {
  const env = args.positional[0] ?? args.keywords.get('env') ?? args.keywords.get('venv');
  const isEnvironment =
    env?.type === 'instance' &&
    env.class.resolution.some(
      (base) => base.path !== undefined && (/^gym(nasium)?\.Env$/.test(base.path) || isWrapperClass(base.path)),
    );
  if (!isEnvironment) return undefined;
  const spaces = spacesIn(env);
  if (/VecFrameStack$/.test(path) && spaces && typeof spaces.observation !== 'number') {
    const count = (args.positional[1] && asNumber(args.positional[1])) ?? 4;
    const channels = spaces.observation.at(-1) ?? 1;
    return environment({ ...spaces, observation: [...spaces.observation.slice(0, -1), channels * count] });
  }
  if (/VecTransposeImage$/.test(path) && spaces && typeof spaces.observation !== 'number') {
    const [height = 1, width = 1, channels = 1] = spaces.observation;
    return environment({ ...spaces, observation: [channels, height, width] });
  }
  const [, ...rest] = args.positional;
  return wrapped(path.slice(path.lastIndexOf('.') + 1), { ...args, positional: [env, ...rest] }, site);
}

/** Classes of which files make wrappers of their own: such a wrapper has the spaces of what it wraps, until it says others. */
export const isWrapperClass = (path: string): boolean =>
  /^(gym|gymnasium)\.(\w+\.)*(Observation|Reward|Action)?Wrapper$|^stable_baselines3\.common\.vec_env\.(\w+\.)*VecEnvWrapper$/.test(
    path,
  );

/** Why the spaces of a wrapper are not known: what it wraps is not. */
const unknownSpaces = (why: Value): [string, Value][] =>
  ['observation_space', 'action_space', 'single_observation_space', 'single_action_space'].map((name) => [name, why]);

/** `gym.Wrapper.__init__(self, env)`. */
export const wrapperMethods: BuiltinTable = {
  __getattr__(args, site, run) {
    const [self, name] = args.positional;
    const inner = self?.type === 'instance' ? self.attributes.get('env') : undefined;
    if (!inner || name?.type !== 'string') return unknown('what a wrapper wraps is not known', site);
    return run.attribute(inner, name.value, site);
  },
  __init__(args) {
    const self = argument(args, 0);
    const env = args.positional[1] ?? args.keywords.get('env') ?? args.keywords.get('venv') ?? NONE;
    if (self.type !== 'instance') return NONE;
    const inner = env.type === 'instance' ? env.attributes : new Map(env.type === 'unknown' ? unknownSpaces(env) : []);
    for (const [name, value] of inner) if (!self.attributes.has(name)) self.attributes.set(name, value);
    self.attributes.set('env', env);
    self.attributes.set('venv', env);
    return NONE;
  },
};
