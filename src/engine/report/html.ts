import { createHash } from 'node:crypto';
import { figureColumns, filledColumns, tableLayers } from './figureColumns';
import { durationText, figureText, shareText } from './figureText';
import { gradientChart } from './gradientChart';
import { htmlStyle } from './htmlStyle';
import { literal, type Markup, markup } from './markup';
import type { Evidence, Finding, Recommendation, Report } from './report';
import { sourceText } from './reportSource';
import {
  bySeverity,
  evidenceText,
  findingsCount,
  lossSentence,
  networkSentence,
  normText,
  noteSentences,
  probeSentence,
  recommendationSentence,
  statusSentence,
} from './sentences';

const styleHash = createHash('sha256').update(htmlStyle).digest('base64');

/** A Report as one HTML file that needs no script, no network and no other file. */
export function html(report: Report): string {
  const { network } = report;
  const loss = lossSentence(report);
  const status = statusSentence(report);
  const page = markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${literal(styleHash)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>NormScope: ${network.name}</title>
<style>${literal(htmlStyle)}</style>
</head>
<body>
<header>
<h1>${network.name}</h1>
<p class="faint"><code>${sourceText(network.source)}</code>, ${networkSentence(network.parameters)}</p>
<p>${probeSentence(report)}.</p>
${loss === null ? [] : markup`<p>${loss}.</p>`}
${status === null ? [] : markup`<p class="status">${status}</p>`}
</header>
<main>
${report.recommendation === null ? [] : recommendationSection(report.recommendation)}
<section>
<h2>Findings: ${findingsCount(report.findings, report.suppressed)}</h2>
${bySeverity(report.findings).map(findingArticle)}
</section>
<section>
<h2>Gradients along depth</h2>
${gradientChart(report.layers)}
</section>
${layersSection(report)}
${notesSection(report)}
</main>
<footer><p>normscope ${report.engine.version}, ${report.engine.runtime}. ${Object.entries(report.timings)
    .map(([stage, milliseconds]) => `${stage} ${durationText(milliseconds)}`)
    .join(', ')}</p></footer>
</body>
</html>
`;
  return page.markup;
}

const list = (items: readonly (string | Markup)[]): Markup | readonly Markup[] =>
  items.length === 0 ? [] : markup`<ul>${items.map((item) => markup`<li>${item}</li>`)}</ul>`;

const evidenceList = (evidence: readonly Evidence[]): Markup | readonly Markup[] => list(evidence.map(evidenceText));

function findingArticle(finding: Finding): Markup {
  return markup`<article class="${finding.severity}">
<h3><span class="severity">${finding.severity}</span> ${finding.rule}${finding.layer === null ? '' : markup`, <code>${finding.layer}</code>`}</h3>
<p><code>${sourceText(finding.source)}</code></p>
<p>${finding.message.text}</p>
${evidenceList(finding.evidence)}
${
  finding.causes.length === 0
    ? []
    : markup`<p>This explains:</p>${list(
        finding.causes.map(
          (symptom) =>
            markup`${symptom.rule}, <code>${symptom.layer}</code> at <code>${sourceText(symptom.source)}</code>: ${symptom.evidence.map(evidenceText).join('; ')}`,
        ),
      )}`
}
${finding.fix === null ? [] : markup`<p>Fix: ${finding.fix.title}</p>`}
${finding.noFix ? markup`<p>No fix: ${finding.noFix.text}</p>` : []}
</article>
`;
}

function recommendationSection(recommendation: Recommendation): Markup {
  const { reasons, sites, alternatives, wouldChange, family, disagreement, known = [] } = recommendation;
  return markup`<section>
<h2>Recommendation</h2>
<p class="sentence">${recommendationSentence(recommendation)}</p>
${list(reasons.map(({ message, evidence, source }) => markup`${message.text}${source === '' ? '' : ` [${source}]`}${evidenceList(evidence)}`))}
${disagreement ? markup`<p>${disagreement.text}</p>` : []}
${family ? markup`<p>Recognized: ${family.kind}. ${family.because.text}</p>` : []}
${known.length === 0 ? [] : markup`<h3>Known elsewhere</h3>${list(known.map(({ message, source }) => `${message.text} [${source}]`))}`}
${
  sites.length === 0
    ? []
    : markup`<details><summary>Where</summary>${list(
        sites.map(
          ({ layer, source, change }) => markup`<code>${sourceText(source)}</code> <code>${layer}</code>: ${change}`,
        ),
      )}</details>`
}
${
  alternatives.length === 0
    ? []
    : markup`<h3>Alternatives</h3>
<div class="scroll"><table><thead><tr><th scope="col">variant</th><th scope="col">evaluation loss</th><th scope="col">learning rate</th><th scope="col">why not</th></tr></thead>
<tbody>${alternatives.map(
        ({ label, norm, groups, tried, losses, learningRate, reason, evidence }) =>
          markup`<tr><th scope="row">${label || normText(norm, groups)}</th><td>${
            tried ? figureText(losses?.[losses.length - 1] ?? null) : 'not tried'
          }</td><td>${figureText(learningRate)}</td><td class="prose">${[reason.text, ...evidence.map(evidenceText)].join('; ')}</td></tr>
`,
      )}</tbody></table></div>`
}
${wouldChange.length === 0 ? [] : markup`<h3>What would change this</h3>${list(wouldChange.map(({ text }) => text))}`}
</section>`;
}

function layersSection(report: Report): Markup {
  const layers = tableLayers(report.layers);
  const columns = filledColumns(layers);
  return markup`<section>
<h2>Layers at initialization</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">layer</th><th scope="col">kind</th><th scope="col">source</th>${columns.map(
    (column) => markup`<th scope="col">${column.name}</th>`,
  )}<th scope="col">saturation low, high</th></tr></thead>
<tbody>${layers.map(
    (layer) =>
      markup`<tr><th scope="row">${layer.id}</th><td class="words">${layer.kind}</td><td class="words">${sourceText(layer.source)}</td>${columns.map(
        (column) => markup`<td>${column.text(layer)}</td>`,
      )}<td>${layer.saturation === null ? '–' : `${shareText(layer.saturation.low)}, ${shareText(layer.saturation.high)}`}</td></tr>
`,
  )}</tbody>
</table></div>
<dl>${figureColumns.map((column) => markup`<dt>${column.name}</dt><dd>${column.definition}</dd>`)}</dl>
</section>`;
}

function notesSection(report: Report): Markup | readonly Markup[] {
  const { probe, network } = report;
  const notes = noteSentences(report);
  const noise = probe.batchNoise.map(
    ({ batch, site, mean, variance }) =>
      markup`<tr><th scope="row">${batch}</th><td class="words">${site}</td><td>${figureText(mean)}</td><td>${figureText(variance)}</td></tr>`,
  );
  const unmodelled = network.unmodelled.map(
    ({ what, why, source }) => markup`<code>${sourceText(source)}</code>: not modelled: ${what}; ${why}`,
  );
  if (notes.length + noise.length + unmodelled.length === 0) return [];
  return markup`<section>
<h2>Notes</h2>
${list([...notes, ...unmodelled])}
${
  noise.length === 0
    ? []
    : markup`<h3>Noise of BatchNorm's own statistics</h3>
<table><thead><tr><th scope="col">batch</th><th scope="col">site</th><th scope="col">spread of the mean, in standard deviations</th><th scope="col">spread of the variance, in variances</th></tr></thead>
<tbody>${noise}</tbody></table>`
}
</section>`;
}
