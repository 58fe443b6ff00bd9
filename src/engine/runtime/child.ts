import type { ElementType, TypedArray } from '../onnx';
import { runtimeChoice } from '../runtimeChoice';
import type { Build, InferenceSession, Tensor } from './build';
import { failureOf } from './failure';
import { loadBuild } from './loadBuild';
import type { Reply, Request } from './messages';
import type { SentFeed, TensorData } from './runtime';

/** Makes values inside the child from a small description. */
export type Source = (spec: unknown) => TensorData;

/** Bytes of tensors that nobody has any more may wait so many for their collection. */
const MOST_FORGOTTEN = 32e6;

const toTensor = ({ Tensor }: Build, { dtype, values, shape }: TensorData): Tensor =>
  new Tensor(dtype as 'float32', values as Float32Array, [...shape]);

const toData = (tensor: Tensor): TensorData => ({
  dtype: tensor.type as ElementType,
  shape: tensor.dims,
  values: tensor.data as TypedArray,
});

/**
 * Serves the parent over the process's IPC channel: loads the build of onnxruntime that its first argument chooses, then
 * programs, runs them, keeps outputs between runs. Requests are answered in order. Ends when the parent does.
 */
export async function serve(sources: Readonly<Record<string, Source>>): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  // A terminal sends Ctrl-C to the whole group; the parent decides, and still wants what was measured.
  process.on('SIGINT', () => {});
  const reply = (message: Reply) => process.send?.(message);
  try {
    const { build, nativeMissing } = await loadBuild(runtimeChoice(process.argv[2]) ?? 'auto');
    answerRequests(build, sources, reply);
    reply({ ready: true, build: { kind: build.kind, name: build.name, nativeMissing } });
  } catch (error) {
    reply({ failed: error instanceof Error ? error.message : String(error) });
  }
}

function answerRequests(
  build: Build,
  sources: Readonly<Record<string, Source>>,
  reply: (message: Reply) => void,
): void {
  const sessions = new Map<number, InferenceSession>();
  const kept = new Map<string, Tensor>();
  const made = new Map<string, Tensor>();

  /** What was made or sent before under a name. */
  const madeAs = (as: string, name: string): Tensor => {
    const tensor = made.get(as);
    if (!tensor) throw new Error(`nothing is there as ${as} for the input ${name}`);
    return tensor;
  };

  const resolveFeed = (name: string, feed: SentFeed): Tensor => {
    if ('kept' in feed) {
      const tensor = kept.get(feed.kept);
      if (!tensor) throw new Error(`nothing is kept as ${feed.kept} for the input ${name}`);
      return tensor;
    }
    if ('source' in feed) {
      const known = feed.as === undefined ? undefined : made.get(feed.as);
      if (known) return known;
      const source = sources[feed.source];
      if (!source) throw new Error(`there is no source named ${feed.source}`);
      const fresh = toTensor(build, source(feed.spec));
      if (feed.as !== undefined) made.set(feed.as, fresh);
      return fresh;
    }
    if ('made' in feed) return madeAs(feed.made, name);
    return 'sent' in feed ? madeAs(feed.as, name) : toTensor(build, feed);
  };

  let forgotten = 0;
  /** Counts the memory of tensors that nobody has any more. */
  const forget = (tensors: readonly Tensor[], stay: ReadonlySet<Tensor>): void => {
    for (const tensor of new Set(tensors)) if (!stay.has(tensor)) forgotten += (tensor.data as TypedArray).byteLength;
  };
  /** Gives it back: left alone, Node waits until it has hundreds of megabytes. Called where no run holds them any more. */
  const collect = (): void => {
    if (forgotten < MOST_FORGOTTEN) return;
    globalThis.gc?.();
    forgotten = 0;
  };

  const handle = async (request: Request): Promise<Readonly<Record<string, TensorData>>> => {
    switch (request.method) {
      case 'load':
        sessions.set(request.program, await build.createSession(request.model, request));
        return {};
      case 'run': {
        const session = sessions.get(request.program);
        if (!session) throw new Error(`program ${request.program} is not loaded`);
        // What is sent to stay is kept, whether or not this program takes it: it is not sent again.
        for (const feed of Object.values(request.feeds)) {
          if ('sent' in feed) made.set(feed.as, toTensor(build, feed.sent));
        }
        // WebAssembly refuses what a program does not take; a value that it turned out not to need is no mistake.
        const taken = Object.entries(request.feeds).filter(([name]) => session.inputNames.includes(name));
        const feeds = Object.fromEntries(taken.map(([name, feed]) => [name, resolveFeed(name, feed)]));
        const wanted: Record<string, Tensor | null> = {};
        for (const output of [...request.fetch, ...Object.keys(request.keep)]) {
          const input = build.writesInPlace ? request.replace[output] : undefined;
          wanted[output] = (input === undefined ? undefined : feeds[input]) ?? null;
        }
        const outputs = await session.run(feeds, wanted);
        const before = [...Object.values(feeds), ...kept.values()];
        for (const [output, name] of Object.entries(request.keep)) kept.set(name, outputs[output]!);
        forget(before, new Set([...kept.values(), ...made.values()]));
        return Object.fromEntries(request.fetch.map((name) => [name, toData(outputs[name]!)]));
      }
      case 'clear':
        kept.clear();
        if (request.sources) made.clear();
        for (const session of sessions.values()) await session.release();
        sessions.clear();
        return {};
    }
  };

  let queue: Promise<unknown> = Promise.resolve();
  process.on('message', (request: Request) => {
    queue = queue.then(async () => {
      try {
        reply({ id: request.id, outputs: await handle(request) });
      } catch (error) {
        const { said, fatal } = failureOf(error, build.kind);
        reply({ id: request.id, error: said, fatal });
      }
      collect();
    });
  });
}
