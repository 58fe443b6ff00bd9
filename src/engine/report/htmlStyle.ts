/** The page's style sheet: no font, image or script from elsewhere; colours for light and dark. */
export const htmlStyle = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #57606a; --line: #d0d7de; --panel: #f6f8fa;
  --error: #b42318; --warning: #8a5a00; --note: #0b5cad; --norm: #0b5cad; --output: #a33ea1; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #14181d; --faint: #9aa5b1; --line: #363d46; --panel: #1d232a;
    --error: #ff8f85; --warning: #e3b341; --note: #79b8ff; --norm: #79b8ff; --output: #e29be0; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid var(--line); }
p.faint, figcaption, footer { color: var(--faint); } code, td, tbody th { font-family: ui-monospace, monospace; font-size: .85rem; }
p.status { border-left: 4px solid var(--warning); padding-left: .75rem; }
p.sentence { font-size: 1.1rem; font-weight: 600; }
article { border: 1px solid var(--line); border-left-width: 4px; border-radius: 4px; background: var(--panel); margin: .75rem 0; padding: .5rem 1rem; }
article.error { border-left-color: var(--error); } article.warning { border-left-color: var(--warning); } article.note { border-left-color: var(--note); }
article h3 { font-size: 1rem; margin: 0; } article p, article ul { margin: .3rem 0; }
.severity { text-transform: uppercase; font-size: .75rem; letter-spacing: .05em; }
.error .severity { color: var(--error); } .warning .severity { color: var(--warning); } .note .severity { color: var(--note); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .2rem .5rem; text-align: right; white-space: nowrap; }
tbody th, thead th:first-child, td.words { text-align: left; font-weight: normal; } td.prose { white-space: normal; text-align: left; font-family: inherit; }
thead th { font-weight: 600; } figure { margin: 1rem 0; } svg { width: 100%; height: auto; } dt { font-weight: 600; } dd { margin: 0 0 .4rem 1rem; }
svg text { font-size: 12px; fill: var(--faint); } svg .grid { stroke: var(--line); } svg path { fill: none; stroke-width: 1.5; }
path.norm { stroke: var(--norm); } circle.norm { fill: var(--norm); } .key.norm { color: var(--norm); }
path.output { stroke: var(--output); stroke-dasharray: 5 3; } circle.output { fill: var(--output); } .key.output { color: var(--output); }
`;
