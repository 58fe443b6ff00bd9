import type { OfferedNetwork } from '../../src/engine/protocol';

/** What only a person can say. Each answer is undefined where the person does not answer: the analysis is then left. */
export interface Questions {
  /** Which of several networks. */
  network(offered: readonly OfferedNetwork[]): Promise<OfferedNetwork | undefined>;
  /** Arguments of the constructor that have no default, as typed. */
  constructorArguments(names: readonly string[]): Promise<Readonly<Record<string, string>> | undefined>;
  /** The input shapes without the batch, as typed; they can be read. */
  input(network: OfferedNetwork): Promise<string | undefined>;
  batch(network: OfferedNetwork): Promise<number | undefined>;
}
