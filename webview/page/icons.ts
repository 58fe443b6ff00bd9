import type { Severity } from '../../src/engine/report/report';
import { t } from './l10n';

const SVG = 'http://www.w3.org/2000/svg';

/** Outlines on a grid of 16, told apart by shape: a circle with a cross, a triangle, a circle with an i. */
const outlines: Readonly<Record<Severity, readonly string[]>> = {
  error: ['M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13z', 'M5.5 5.5l5 5m0-5l-5 5'],
  warning: ['M8 1.8L14.6 14H1.4z', 'M8 6v4m0 1.6v1'],
  note: ['M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13z', 'M8 7v4.5m0-7v1'],
};

/** A finding's severity as a picture with a name. */
export function severityIcon(severity: Severity): SVGSVGElement {
  const icon = document.createElementNS(SVG, 'svg');
  icon.setAttribute('viewBox', '0 0 16 16');
  icon.setAttribute('role', 'img');
  icon.setAttribute('aria-label', { error: t('error'), warning: t('warning'), note: t('note') }[severity]);
  icon.setAttribute('class', `icon ${severity}`);
  for (const outline of outlines[severity]) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', outline);
    icon.appendChild(path);
  }
  return icon;
}
