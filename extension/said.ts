import type { Message } from '../src/engine/network';
import { translated } from '../src/engine/report/translate';
import type { Vscode } from './vscodeApi';

/** What the engine says, in VS Code's language where it is translated. */
export const said = (message: Message, { bundle }: Pick<Vscode['l10n'], 'bundle'>): string =>
  bundle ? translated(message, bundle) : message.text;
