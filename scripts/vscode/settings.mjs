import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { cache } from './install.mjs';

/** Settings of the workbench that keep everything else out of the way. */
export const quietSettings = {
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'workbench.startupEditor': 'none',
  'extensions.autoCheckUpdates': false,
  // Nothing of the newest VS Code's chat takes room.
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'editor.minimap.enabled': false,
  'update.mode': 'none',
  // The server's workbench saves by itself; the desktop's does not.
  'files.autoSave': 'off',
};

/** Where pictures of failures go. */
export async function screenshotFolder() {
  const folder = path.join(cache, 'failed');
  await mkdir(folder, { recursive: true });
  return folder;
}
