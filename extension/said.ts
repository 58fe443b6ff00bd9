import type { Message } from '../src/engine/network';
import { titled, translated, worded } from '../src/engine/report/translate';
import type { Vscode } from './vscodeApi';

/** What the engine says, in VS Code's language where it is translated. */
export const said = (message: Message, { bundle }: Pick<Vscode['l10n'], 'bundle'>): string =>
  bundle ? translated(message, bundle) : message.text;

/** A phrase of the engine's in VS Code's language where it is translated: of a figure, or another. */
export const saidWords = (kind: 'word' | 'figure', text: string, { bundle }: Pick<Vscode['l10n'], 'bundle'>): string =>
  bundle ? worded(kind, text, bundle) : text;

/** What a fix is called, in VS Code's language where it is translated. */
export const saidTitle = (title: string, { bundle }: Pick<Vscode['l10n'], 'bundle'>): string =>
  bundle ? titled(title, bundle) : title;
