import type { Vscode } from '../vscodeApi';
import type { PageOptions } from './pageHtml';

/** What a page is said in: VS Code's language, with the sentences that our bundle has for it. */
export const pageLanguage = ({
  env,
  l10n,
}: Pick<Vscode, 'env' | 'l10n'>): Pick<PageOptions, 'language' | 'strings'> => ({
  language: l10n.bundle ? env.language : 'en',
  strings: l10n.bundle ?? {},
});
