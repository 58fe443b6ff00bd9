import type * as vscode from 'vscode';
import type { OfferedNetwork } from '../../src/engine/protocol';
import { DEFAULT_BATCH } from '../../src/engine/readers/reader';
import { countText } from '../../src/engine/report/figureText';
import { visibleText } from '../../src/engine/report/visibleText';
import { batchFrom, inputsFrom, type Questions } from '../analysis';
import type { Vscode } from '../vscodeApi';

/** Asks in the quick input, and for nothing else than is missing. */
export class AskingQuestions implements Questions {
  constructor(private readonly vscode: Pick<Vscode, 'window' | 'l10n'>) {}

  async network(offered: readonly OfferedNetwork[]): Promise<OfferedNetwork | undefined> {
    const { t } = this.vscode.l10n;
    const items = offered.map((network) => ({
      label: visibleText(network.name),
      description: t('line {0}, {1} parameters', network.source.line, countText(network.parameters)),
      network,
    }));
    const chosen = await this.vscode.window.showQuickPick(items, {
      title: t('Analyze Network'),
      placeHolder: t('Which network? It is remembered for this file.'),
      ignoreFocusOut: true,
    });
    return chosen?.network;
  }

  async constructorArguments(names: readonly string[]): Promise<Readonly<Record<string, string>> | undefined> {
    const { t } = this.vscode.l10n;
    const given: Record<string, string> = {};
    for (const [i, name] of names.entries()) {
      const typed = await this.#ask({
        title: t('Analyze Network: constructor argument {0} of {1}', i + 1, names.length),
        prompt: t(
          '{0} has no default in the file. Write its value as in Python; it is remembered for this file.',
          visibleText(name),
        ),
        placeHolder: '64',
        validateInput: (value) => (value.trim() === '' ? t('A value is missing.') : undefined),
      });
      if (typed === undefined) return undefined;
      given[name] = typed.trim();
    }
    return given;
  }

  input(network: OfferedNetwork): Promise<string | undefined> {
    const { t } = this.vscode.l10n;
    return this.#ask({
      title: t('Analyze Network: input of {0}', visibleText(network.name)),
      prompt: t(
        'The input shape without the batch; for several inputs image=3x32x32 tokens=64:int64. It is remembered for this file.',
      ),
      placeHolder: '3x224x224',
      validateInput: (value) => sentenceOf(inputsFrom(value, 1, t)),
    });
  }

  async batch(network: OfferedNetwork): Promise<number | undefined> {
    const { t } = this.vscode.l10n;
    const typed = await this.#ask({
      title: t('Analyze Network: batch size of {0}', visibleText(network.name)),
      prompt: t('The batch size that you train with. It is remembered for this file.'),
      value: String(DEFAULT_BATCH),
      validateInput: (value) => sentenceOf(batchFrom(value, t)),
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
