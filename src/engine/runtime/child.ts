import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import type { ElementType, TypedArray } from '../onnx';
import type { Reply, Request } from './messages';
import type { Feed, TensorData } from './runtime';

/** Makes values inside the child from a small description. */
export type Source = (spec: unknown) => TensorData;

const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  // Programs come fused: onnxruntime's own optimization takes two thirds of a session's time and wins no step any.
  graphOptimizationLevel: 'disabled',
  logSeverityLevel: 3,
  // A product of denormals is 150 times slower, exactly in the vanishing networks that we exist for. onnxruntime heeds
  // this only in a process's first session, so every session asks for it.
  extra: { session: { set_denormal_as_zero: '1' } },
});

const toTensor = ({ dtype, values, shape }: TensorData): Tensor =>
  new Tensor(dtype as 'float32', values as Float32Array, [...shape]);

const toData = (tensor: Tensor): TensorData => ({
  dtype: tensor.type as ElementType,
  shape: tensor.dims,
  values: tensor.data as TypedArray,
});

/**
 * Serves the parent over the process's IPC channel: loads programs, runs them, keeps outputs between runs. Requests
 * are answered in order. Ends when the parent does.
 */
export function serve(sources: Readonly<Record<string, Source>>): void {
  const sessions = new Map<number, InferenceSession>();
  const kept = new Map<string, Tensor>();
  const made = new Map<string, Tensor>();
  const reply = (message: Reply) => process.send?.(message);

  const resolveFeed = (name: string, feed: Feed): Tensor => {
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
      const fresh = toTensor(source(feed.spec));
      if (feed.as !== undefined) made.set(feed.as, fresh);
      return fresh;
    }
    return toTensor(feed);
  };

  const handle = async (request: Request): Promise<Readonly<Record<string, TensorData>>> => {
    switch (request.method) {
      case 'load':
        sessions.set(request.program, await InferenceSession.create(request.model, sessionOptions(request.threads)));
        return {};
      case 'run': {
        const session = sessions.get(request.program);
        if (!session) throw new Error(`program ${request.program} is not loaded`);
        const feeds = Object.fromEntries(
          Object.entries(request.feeds).map(([name, feed]) => [name, resolveFeed(name, feed)]),
        );
        const wanted = [...new Set([...request.fetch, ...Object.keys(request.keep)])];
        const outputs = await session.run(feeds, wanted);
        for (const [output, name] of Object.entries(request.keep)) kept.set(name, outputs[output]!);
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
        reply({ id: request.id, error: error instanceof Error ? error.message : String(error) });
      }
    });
  });
  process.on('disconnect', () => process.exit(0));
  // A terminal sends Ctrl-C to the whole group; the parent decides, and still wants what was measured.
  process.on('SIGINT', () => {});
  reply({ ready: true, version: `onnxruntime-node ${env.versions.node ?? env.versions.common}` });
}
