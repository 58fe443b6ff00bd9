// The one place that knows @vscode/webview-ui-toolkit, which nobody maintains since 2025. What the pages need of it is
// below; whoever swaps it for @vscode-elements/elements changes this file alone.
import {
  type Button,
  type Dropdown,
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
} from '@vscode/webview-ui-toolkit';
import { visibleText } from '../src/engine/report/visibleText';

provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeDropdown(), vsCodeOption());

export interface ButtonOptions {
  readonly label: string;
  readonly appearance?: 'primary' | 'secondary';
  readonly key?: string;
  readonly onClick: () => void;
}

/** A button with a label. */
export function button({ label, appearance = 'primary', key, onClick }: ButtonOptions): HTMLElement {
  const made = document.createElement('vscode-button') as Button;
  made.setAttribute('appearance', appearance);
  made.textContent = visibleText(label);
  if (key) made.dataset.key = key;
  made.addEventListener('click', onClick);
  return made;
}

export interface DropdownOptions {
  readonly label: string;
  readonly choices: readonly string[];
  readonly chosen: string;
  readonly key?: string;
  readonly onChoose: (choice: string) => void;
}

/** One of several, chosen from a list. */
export function dropdown({ label, choices, chosen, key, onChoose }: DropdownOptions): HTMLElement {
  const made = document.createElement('vscode-dropdown') as Dropdown;
  made.setAttribute('aria-label', visibleText(label));
  if (key) made.dataset.key = key;
  for (const choice of choices) {
    const option = document.createElement('vscode-option');
    option.textContent = visibleText(choice);
    option.setAttribute('value', choice);
    if (choice === chosen) option.setAttribute('selected', '');
    made.appendChild(option);
  }
  made.addEventListener('change', () => onChoose(made.value));
  return made;
}
