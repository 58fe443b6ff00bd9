import type * as vscode from 'vscode';

/** What a person said of one network because its file does not. */
export interface NetworkAnswers {
  /** As typed, without the batch: `3x224x224`. */
  readonly input?: string;
  readonly batch?: number;
}

/** What a person said of one file. */
export interface Answers {
  /** Which of the file's networks. */
  readonly network?: string;
  /** Constructor arguments as typed. */
  readonly set?: Readonly<Record<string, string>>;
  readonly networks?: Readonly<Record<string, NetworkAnswers>>;
}

const PREFIX = 'normscope.answers:';

/** What was asked once for a file, kept with the workspace. Only what led to a network that could be read is kept. */
export class RememberedAnswers {
  constructor(private readonly state: Pick<vscode.Memento, 'get' | 'update'>) {}

  get(uri: vscode.Uri): Answers {
    return answersFrom(this.state.get<unknown>(PREFIX + uri.toString()));
  }

  async remember(uri: vscode.Uri, answers: Answers): Promise<void> {
    await this.state.update(PREFIX + uri.toString(), answers);
  }

  async forget(uri: vscode.Uri): Promise<void> {
    await this.state.update(PREFIX + uri.toString(), undefined);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Reads what another version may have written: whatever does not fit is left out. */
function answersFrom(stored: unknown): Answers {
  if (!isRecord(stored)) return {};
  const { network, set, networks } = stored;
  return {
    ...(typeof network === 'string' ? { network } : {}),
    ...(isRecord(set) ? { set: entriesOf(set, (value) => (typeof value === 'string' ? value : undefined)) } : {}),
    ...(isRecord(networks) ? { networks: entriesOf(networks, networkAnswersFrom) } : {}),
  };
}

function networkAnswersFrom(stored: unknown): NetworkAnswers | undefined {
  if (!isRecord(stored)) return undefined;
  const { input, batch } = stored;
  return {
    ...(typeof input === 'string' ? { input } : {}),
    ...(typeof batch === 'number' && Number.isInteger(batch) && batch > 0 ? { batch } : {}),
  };
}

const entriesOf = <T>(record: Record<string, unknown>, read: (value: unknown) => T | undefined): Record<string, T> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([key, value]) => {
      const entry = read(value);
      return entry === undefined ? [] : [[key, entry]];
    }),
  );
