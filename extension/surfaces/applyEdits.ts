import type * as vscode from 'vscode';
import type { Fix } from '../../src/engine/report/report';
import { visibleText } from '../../src/engine/report/visibleText';
import { activeUri } from './activeUri';
import type { CommandParts } from './commands';
import { consequences, normEdits, withoutEdit, workspaceEdit } from './sourceEdits';

type Parts = Pick<CommandParts, 'vscode' | 'analyses'>;

/** "Normalize This Network as Recommended…": the refactor preview with the recommendation's edit. */
export async function applyRecommendation(parts: Parts, uri: vscode.Uri | undefined): Promise<boolean> {
  const model = modelOf(parts, uri);
  const report = model && parts.analyses.get(model)?.shown?.report;
  const [first] = report ? normEdits(report) : [];
  if (model && first?.recommended) return apply(parts, model, first.fix);
  return refuse(parts, model);
}

/** "Replace Every Norm…": asks which, and opens the refactor preview. */
export async function replaceNorms(parts: Parts, uri: vscode.Uri | undefined): Promise<boolean> {
  const model = modelOf(parts, uri);
  const report = model && parts.analyses.get(model)?.shown?.report;
  const offered = report ? normEdits(report) : [];
  if (!model || offered.length === 0) return refuse(parts, model);
  const { t } = parts.vscode.l10n;
  const items = offered.map(({ fix, recommended }) => ({
    label: visibleText(fix.title),
    description: recommended ? t('recommended') : '',
    detail: consequences(fix, t),
    fix,
  }));
  const chosen = await parts.vscode.window.showQuickPick(items, {
    title: t('Norms of this network'),
    placeHolder: t('What to do at every place of a norm; a preview comes first'),
  });
  return chosen === undefined ? false : apply(parts, model, chosen.fix);
}

function modelOf({ vscode, analyses }: Parts, uri: vscode.Uri | undefined): vscode.Uri | undefined {
  const wanted = uri ?? activeUri(vscode) ?? onlyOne(analyses);
  return wanted && analyses.modelOf(wanted);
}

/** Whoever calls a command from the panel has no editor in front. */
const onlyOne = (analyses: Parts['analyses']): vscode.Uri | undefined => {
  const [only, ...more] = analyses.all();
  return more.length === 0 ? only?.uri : undefined;
};

async function apply({ vscode }: Parts, model: vscode.Uri, fix: Fix): Promise<boolean> {
  const edit = workspaceEdit(vscode, model, fix, true);
  if (typeof edit !== 'string') {
    // The preview shows every part unticked, and says of saved weights only where it is grouped by type.
    const { t } = vscode.l10n;
    const said = [t('Tick what shall be changed in Refactor Preview, and apply it.'), consequences(fix, t)].filter(
      Boolean,
    );
    void vscode.window.showInformationMessage(said.join(' '));
    return vscode.workspace.applyEdit(edit, { isRefactoring: true });
  }
  void vscode.window.showWarningMessage(edit);
  return false;
}

function refuse({ vscode, analyses }: Parts, model: vscode.Uri | undefined): false {
  void vscode.window.showInformationMessage(withoutEdit(model && analyses.get(model), vscode.l10n));
  return false;
}
