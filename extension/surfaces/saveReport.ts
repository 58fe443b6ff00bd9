import type * as vscode from 'vscode';
import { html } from '../../src/engine/report/html';
import { json } from '../../src/engine/report/json';
import { markdown } from '../../src/engine/report/markdown';
import type { Report } from '../../src/engine/report/report';
import type { ExportFormat } from '../../webview/protocol';
import type { ShownReport } from '../analysis';
import type { Vscode } from '../vscodeApi';
import type { Picture } from '../webviews';

type Api = Pick<Vscode, 'window' | 'workspace' | 'commands' | 'l10n' | 'Uri'>;

interface Format {
  readonly extension: string;
  readonly filter: string;
  name(t: typeof vscode.l10n.t): string;
  text(report: Report): string;
}

/** What a report can be saved as, in the order that a person is offered it. */
const formats: Readonly<Record<ExportFormat, Format>> = {
  markdown: {
    extension: 'md',
    filter: 'Markdown',
    name: (t) => t('Markdown, for a pull request'),
    text: (report) => markdown(report),
  },
  html: {
    extension: 'html',
    filter: 'HTML',
    name: (t) => t('HTML, one file that needs no other'),
    text: (report) => html(report),
  },
  json: {
    extension: 'json',
    filter: 'JSON',
    name: (t) => t('JSON, every figure'),
    text: (report) => json(report),
  },
};

/** Asks where, and saves a report or the picture of a chart; says where it went, with a way to open it. */
export async function save(
  vscode: Api,
  model: vscode.Uri,
  what: { readonly shown: ShownReport; readonly format: ExportFormat } | Picture,
): Promise<void> {
  const { t } = vscode.l10n;
  const stem = (model.path.split('/').pop() ?? 'network').replace(/(\.normscope)?\.[^.]+$/, '');
  const [name, filter, extension, content] =
    'png' in what
      ? [`${stem}-${what.name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-')}`, 'PNG', 'png', what.png]
      : [
          `${stem}-normscope`,
          formats[what.format].filter,
          formats[what.format].extension,
          new TextEncoder().encode(formats[what.format].text(what.shown.report)),
        ];
  const beside =
    model.scheme === 'untitled' ? vscode.workspace.workspaceFolders?.[0]?.uri : vscode.Uri.joinPath(model, '..');
  const target = await vscode.window.showSaveDialog({
    ...(beside && { defaultUri: vscode.Uri.joinPath(beside, `${name}.${extension}`) }),
    filters: { [filter]: [extension] },
    title: t('Save'),
  });
  if (target === undefined) return;
  try {
    await vscode.workspace.fs.writeFile(target, content);
  } catch (error) {
    void vscode.window.showErrorMessage(
      t('NormScope: it could not be saved: {0}', error instanceof Error ? error.message : String(error)),
    );
    return;
  }
  const open = t('Open');
  const file = target.path.split('/').pop() ?? '';
  // A message stays until someone closes it; the saving has ended by then.
  void vscode.window.showInformationMessage(t('Saved {0}.', file), open).then((chosen) => {
    if (chosen === open) void vscode.commands.executeCommand('vscode.open', target);
  });
}

/** Asks which form of the report. */
export async function askFormat({ window, l10n }: Pick<Api, 'window' | 'l10n'>): Promise<ExportFormat | undefined> {
  const items = Object.entries(formats).map(([format, { name }]) => ({
    label: name(l10n.t),
    format: format as ExportFormat,
  }));
  const chosen = await window.showQuickPick(items, { title: l10n.t('Export Report') });
  return chosen?.format;
}
