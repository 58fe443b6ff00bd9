import type { CancellationToken, Uri } from 'vscode';
import type { DocumentText, OfferedNetwork, ReadNetworksParams, ReadNetworksResult } from '../../src/engine/protocol';
import type { ReadOptions } from '../../src/engine/readers/reader';
import { WrongInput } from '../engine';
import { inputsFrom } from './inputAnswer';
import type { Questions } from './questions';
import type { Answers, NetworkAnswers, RememberedAnswers } from './rememberedAnswers';

/** What an analysis is of: one network, and everything that its file does not say of it. */
export interface Subject {
  readonly network: OfferedNetwork;
  readonly batch: number;
  readonly read: ReadOptions;
}

interface Reading {
  readonly engine: { readNetworks(params: ReadNetworksParams, token: CancellationToken): Promise<ReadNetworksResult> };
  readonly questions: Questions;
  readonly remembered: RememberedAnswers;
  /** The document as it is by now. */
  documentText(): DocumentText;
}

/**
 * Finds what an analysis of a document is of. What the file says is never asked and wins over what is remembered; what
 * it does not say is taken from memory, else asked, and remembered once a network could be read with it.
 * Gives undefined where the person left a question open.
 * @throws WrongInput, EngineFailure, CancelledRun.
 */
export async function findSubject(
  { engine, questions, remembered, documentText }: Reading,
  uri: Uri,
  token: CancellationToken,
  /** Of several networks the one that is wanted; else the one of last time, else a person is asked. */
  wanted?: string,
): Promise<Subject | undefined> {
  const known = remembered.get(uri);
  const read = async (options: ReadOptions) =>
    (await engine.readNetworks({ document: documentText(), options }, token)).networks;

  /** Reads with answers: those that do not fit the network are forgotten, so that they are asked for again. */
  const readFitting = async (options: ReadOptions): Promise<readonly OfferedNetwork[]> => {
    try {
      return fitting(await read(options), options);
    } catch (error) {
      if (error instanceof WrongInput) await remembered.forget(uri);
      throw error;
    }
  };

  let set: Answers['set'];
  let offered: readonly OfferedNetwork[];
  try {
    offered = await read({});
  } catch (error) {
    if (!(error instanceof WrongInput) || error.needs.length === 0) throw error;
    const fits = known.set !== undefined && error.needs.every((name) => known.set?.[name] !== undefined);
    set = fits ? known.set : await questions.constructorArguments(error.needs);
    if (set === undefined) return undefined;
    offered = await readFitting({ set });
  }

  const chosen =
    offered.length === 1
      ? offered[0]
      : (offered.find(({ name }) => name === (wanted ?? known.network)) ?? (await questions.network(offered)));
  if (chosen === undefined) return undefined;

  const answers = await answersFor(chosen, known.networks?.[chosen.name] ?? {}, questions);
  if (answers === undefined) return undefined;
  const batch = answers.batch ?? chosen.batch.size;
  const inputs = answers.input === undefined ? undefined : inputsFrom(answers.input, batch);
  const options: ReadOptions = {
    ...(offered.length > 1 ? { name: chosen.name } : {}),
    ...(set ? { set } : {}),
    ...(answers.batch === undefined ? {} : { batch: answers.batch }),
    ...(typeof inputs === 'object' ? { inputs } : {}),
    ...(Object.keys(answers).length > 0 ? { givenBy: 'your answer' } : {}),
  };

  const network = Object.keys(options).length === 0 ? chosen : onlyOf(await readFitting(options));
  await remembered.remember(uri, {
    ...known,
    ...(offered.length > 1 ? { network: chosen.name } : {}),
    ...(set ? { set } : {}),
    networks: { ...known.networks, [chosen.name]: { ...known.networks?.[chosen.name], ...answers } },
  });
  return { network, batch, read: options };
}

/** The answers for what is missing alone, from memory where they can be read; undefined where one was left open. */
async function answersFor(
  network: OfferedNetwork,
  known: NetworkAnswers,
  questions: Questions,
): Promise<NetworkAnswers | undefined> {
  const answers: { input?: string; batch?: number } = {};
  if (network.missing.includes('input')) {
    const usable = known.input !== undefined && typeof inputsFrom(known.input, 1) === 'object';
    const input = usable ? known.input : await questions.input(network);
    if (input === undefined) return undefined;
    answers.input = input;
  }
  if (network.missing.includes('batch')) {
    const batch = known.batch ?? (await questions.batch(network));
    if (batch === undefined) return undefined;
    answers.batch = batch;
  }
  return answers;
}

/** What was read with an input that a person gave. @throws WrongInput where an input is still open. */
function fitting(networks: readonly OfferedNetwork[], { inputs }: ReadOptions): readonly OfferedNetwork[] {
  const open = inputs && networks.find(({ missing }) => missing.includes('input'));
  if (!open) return networks;
  throw new WrongInput(
    `${open.name} has an input whose shape is still not known`,
    'run Analyze Network again and give every input with its name, as in image=3x32x32 mask=32x32',
    open.source,
    [],
  );
}

/** The network that was asked for by name. @throws WrongInput where the file has changed under the question. */
function onlyOf(networks: readonly OfferedNetwork[]): OfferedNetwork {
  const [network] = networks;
  if (network === undefined) throw new WrongInput('the file offers no network', 'analyze it again', null, []);
  return network;
}
