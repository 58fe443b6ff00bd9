import type * as vscode from 'vscode';
import type { OfferedNetwork } from '../../src/engine/protocol';
import { DEFAULT_BATCH } from '../../src/engine/readers/reader';
import { countText } from '../../src/engine/report/figureText';
import { visibleText } from '../../src/engine/report/visibleText';
import { batchFrom, inputsFrom, type Questions } from '../analysis';
import type { Vscode } from '../vscodeApi';

/** Asks in the quick input, and for nothing else than is missing. */
export class AskingQuestions implements Questions {
  constructor(private readonly vscode: Pick<Vscode, 'window'>) {}

  async network(offered: readonly OfferedNetwork[]): Promise<OfferedNetwork | undefined> {
    const items = offered.map((network) => ({
      label: visibleText(network.name),
      description: `line ${network.source.line}, ${countText(network.parameters)} parameters`,
      network,
    }));
    const chosen = await this.vscode.window.showQuickPick(items, {
      title: 'Analyze Network',
      placeHolder: 'Which network? It is remembered for this file.',
      ignoreFocusOut: true,
    });
    return chosen?.network;
  }

  async constructorArguments(names: readonly string[]): Promise<Readonly<Record<string, string>> | undefined> {
    const given: Record<string, string> = {};
    for (const [i, name] of names.entries()) {
      const typed = await this.#ask({
        title: `Analyze Network: constructor argument ${i + 1} of ${names.length}`,
        prompt: `${visibleText(name)} has no default in the file. Write its value as in Python; it is remembered for this file.`,
        placeHolder: '64',
        validateInput: (value) => (value.trim() === '' ? 'A value is missing.' : undefined),
      });
      if (typed === undefined) return undefined;
      given[name] = typed.trim();
    }
    return given;
  }

  input(network: OfferedNetwork): Promise<string | undefined> {
    return this.#ask({
      title: `Analyze Network: input of ${visibleText(network.name)}`,
      prompt:
        'The input shape without the batch; for several inputs image=3x32x32 tokens=64:int64. It is remembered for this file.',
      placeHolder: '3x224x224',
      validateInput: (value) => sentenceOf(inputsFrom(value, 1)),
    });
  }

  async batch(network: OfferedNetwork): Promise<number | undefined> {
    const typed = await this.#ask({
      title: `Analyze Network: batch size of ${visibleText(network.name)}`,
      prompt: 'The batch size that you train with. It is remembered for this file.',
      value: String(DEFAULT_BATCH),
      validateInput: (value) => sentenceOf(batchFrom(value)),
    });
    const batch = typed === undefined ? undefined : batchFrom(typed);
    return typeof batch === 'number' ? batch : undefined;
  }

  async #ask(options: vscode.InputBoxOptions): Promise<string | undefined> {
    return this.vscode.window.showInputBox({ ignoreFocusOut: true, ...options });
  }
}

/** What the parsers say of text that cannot be read. */
const sentenceOf = (parsed: unknown): string | undefined => (typeof parsed === 'string' ? parsed : undefined);
