/** What a chart takes from the theme. Colours are CSS colours. */
export interface Theme {
  readonly foreground: string;
  readonly muted: string;
  readonly background: string;
  readonly grid: string;
  readonly focus: string;
  /** Behind the cursor's layers. */
  readonly band: string;
  readonly bandBorder: string;
  readonly severity: { readonly error: string; readonly warning: string; readonly note: string };
  /** For lines that stand together, best told apart first. */
  readonly series: readonly string[];
  readonly tooltip: { readonly background: string; readonly foreground: string; readonly border: string };
  readonly font: { readonly family: string; readonly size: number };
  readonly mono: string;
}

/** The theme as VS Code's variables on the page say it now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const variable = (...names: readonly string[]): string => {
    for (const name of names) {
      const value = style.getPropertyValue(`--vscode-${name}`).trim();
      if (value) return value;
    }
    return '';
  };
  const body = getComputedStyle(document.body);
  const foreground = variable('charts-foreground', 'foreground') || body.color;
  const high = document.body.classList.contains('vscode-high-contrast');
  return {
    foreground,
    muted: variable('descriptionForeground') || foreground,
    background: variable('sideBar-background', 'editor-background'),
    grid: high
      ? variable('charts-lines') || foreground
      : variable('widget-border', 'panel-border', 'editorRuler-foreground'),
    focus: variable('focusBorder') || foreground,
    band: variable('list-inactiveSelectionBackground', 'list-hoverBackground') || 'transparent',
    bandBorder: variable('contrastActiveBorder') || 'transparent',
    severity: {
      error: variable('editorError-foreground', 'charts-red', 'errorForeground') || foreground,
      warning: variable('editorWarning-foreground', 'charts-yellow') || foreground,
      note: variable('editorInfo-foreground', 'charts-blue') || foreground,
    },
    series: ['blue', 'green', 'purple', 'yellow', 'red', 'foreground'].map(
      (name) => variable(`charts-${name}`) || foreground,
    ),
    tooltip: {
      background: variable('editorHoverWidget-background', 'editor-background'),
      foreground: variable('editorHoverWidget-foreground', 'foreground') || foreground,
      border: variable('editorHoverWidget-border', 'contrastBorder') || foreground,
    },
    font: { family: body.fontFamily, size: Math.max(10, Number.parseFloat(body.fontSize) - 2) || 11 },
    mono: variable('editor-font-family') || 'monospace',
  };
}

/** Whether things may move: neither the system nor VS Code asks for less. */
export const mayMove = (): boolean =>
  !document.body.classList.contains('vscode-reduce-motion') && !matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Calls back after the theme has changed, once a frame: VS Code changes the body's class and the root's variables. */
export function onThemeChange(callback: () => void): void {
  let asked = false;
  const ask = (): void => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      callback();
    });
  };
  const observer = new MutationObserver(ask);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'style'] });
}
