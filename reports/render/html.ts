/**
 * The HTML report: one file that needs no network, no server and, to be read, no script.
 * Over its size limit it leaves out events, runs, diagrams and cards, in that order, and says so
 * at the top. It shows what the model holds and computes nothing of its own.
 */
import { formatCount, formatDuration, plural } from '../format.ts';
import type { Report } from '../model.ts';
import { utf8SizeBytes } from '../text.ts';
import { renderCrashPoints } from './html-crash-points.ts';
import type { FindingLimits } from './html-findings.ts';
import { renderFindings } from './html-findings.ts';
import { pageScript } from './html-script.ts';
import { pageStyle } from './html-style.ts';
import { renderMatrix } from './html-matrix.ts';
import {
  renderCases,
  renderFaults,
  renderMutants,
  renderRuns,
  renderSometimes,
} from './html-tables.ts';
import type { Html } from './markup.ts';
import { html, raw } from './markup.ts';
import type { RenderOptions } from './render-options.ts';

interface Limits extends FindingLimits {
  readonly runsMax: number;
}

/** Tried in turn until the page fits. The last one holds a page of any log below the limit. */
const LIMITS: readonly Limits[] = [
  { findingsMax: 25, eventsMax: 10_000, diagramsMax: 25, runsMax: 2_000 },
  { findingsMax: 25, eventsMax: 2_000, diagramsMax: 25, runsMax: 1_000 },
  { findingsMax: 25, eventsMax: 200, diagramsMax: 10, runsMax: 200 },
  { findingsMax: 10, eventsMax: 50, diagramsMax: 1, runsMax: 50 },
  { findingsMax: 1, eventsMax: 20, diagramsMax: 0, runsMax: 20 },
];

/** Above this a page is slow to open everywhere, and some hosts refuse it. */
const SIZE_MAX_BYTES = 20 * 1_024 * 1_024;

export function renderHtml(report: Report, options: RenderOptions = {}): string {
  const sizeMaxBytes = options.sizeMaxBytes ?? SIZE_MAX_BYTES;
  let page = '';
  for (const [attempt, limits] of LIMITS.entries()) {
    page = renderPage(report, limits, { ...options, isTrimmed: attempt > 0 });
    if (utf8SizeBytes(page) <= sizeMaxBytes) return page;
  }
  return page;
}

type PageOptions = RenderOptions & { readonly isTrimmed: boolean };

const GLYPHS = {
  'no-violation': '✓',
  violated: '✗',
  inconclusive: '?',
  nondeterministic: '≠',
} as const;

function renderPage(report: Report, limits: Limits, options: PageOptions): string {
  const title = `${report.headline}: ${plural(report.totals.findings, 'finding')}, ${plural(
    report.totals.runs,
    'run',
  )} – onceproof`;
  const sections = sectionsOf(report, limits, options);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';
 style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none';
 form-action 'none'">
<meta name="generator" content="onceproof ${report.environment.onceproof}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${raw(pageStyle())}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
${renderTop(report)}
<div class="frame">
<nav aria-label="Sections"><ul>${sections.map(
    ({ id, name, count }) =>
      html`<li><a href="#${id}">${name} <span class="num">${count}</span></a></li>`,
  )}</ul></nav>
<main id="main">${sections.map(
    ({ id, name, body }) => html`
<section id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${name}</h2>
${body}</section>`,
  )}
</main>
</div>
${HELP}
<script>${raw(pageScript())}</script>
</body>
</html>
`.markup;
}

interface Section {
  readonly id: string;
  readonly name: string;
  readonly count: string | null;
  readonly body: Html;
}

function sectionsOf(report: Report, limits: Limits, options: PageOptions): readonly Section[] {
  const { totals, sometimes } = report;
  const reached = sometimes.filter((mark) => mark.runs > 0).length;
  return [
    section('verdict', 'Verdict', renderVerdict(report, options)),
    section('findings', 'Findings', renderFindings(report, limits), formatCount(totals.findings)),
    section('properties', 'Properties', renderMatrix(report), formatCount(report.matrix.length)),
    section('sometimes', 'Sometimes', renderSometimes(report), `${reached}/${sometimes.length}`),
    section('faults', 'Faults', renderFaults(report), formatCount(report.faultsTotal)),
    section(
      'mutants',
      'Mutants',
      renderMutants(report),
      `${report.mutantsKilled}/${report.mutantsScored}`,
    ),
    section(
      'crash-points',
      'Crash points',
      renderCrashPoints(report),
      formatCount(report.crashGrids.reduce((sum, { tried }) => sum + tried, 0)),
    ),
    section('determinism', 'Determinism', renderDeterminism(report)),
    section('cases', 'Cases', renderCases(report), formatCount(totals.cases)),
    section('runs', 'Runs', renderRuns(report, limits.runsMax), formatCount(totals.runs)),
    section('environment', 'Environment', renderEnvironment(report, options)),
  ];
}

function section(id: string, name: string, body: Html, count: string | null = null): Section {
  return { id, name, count, body };
}

function renderTop(report: Report): Html {
  const { totals, environment, verdict } = report;
  const className = verdict === 'no-violation' ? 'held' : verdict;
  const origin = [
    environment.git,
    `root ${environment.root}`,
    `profile ${environment.profile}`,
    environment.shard === null ? null : `shard ${environment.shard}`,
    `onceproof ${environment.onceproof}`,
  ].filter((part) => part !== null);
  return html`<header class="top"><div>
<span class="seal ${className}" aria-hidden="true">${GLYPHS[verdict]}</span>
<div class="words"><h1 class="${className}">${report.headline}</h1>
<p class="totals">${plural(totals.findings, 'finding')} · ${plural(totals.runs, 'run')} ·
 ${plural(totals.cases, 'case')} · ${formatDuration(report.simMs)} simulated</p>
<p class="origin">${origin.join(' · ')}</p></div>
<div class="tools" hidden></div>
</div></header>`;
}

function renderVerdict(report: Report, { isTrimmed }: PageOptions): Html {
  const { totals, determinism, mutants, checkpoints } = report;
  const wall = report.wallMs === null ? '' : ` in ${formatDuration(report.wallMs)}`;
  const repeated = determinism === null ? 0 : determinism.repeated;
  const trimmed = {
    code: 'OP-E730',
    text: 'Events, runs or diagrams were left out to keep this file below its size limit. \
events.ndjson and results.json have everything.',
  };
  const notices = [...(isTrimmed ? [trimmed] : []), ...report.notices];
  return html`<dl class="tiles">
${tile('Runs', formatCount(totals.runs), `of ${formatCount(report.plannedRuns)} planned`)}
${tile('Simulated', formatDuration(report.simMs), `${formatCount(report.steps)} steps${wall}`)}
${tile('Faults', formatCount(report.faultsTotal), plural(report.recoveries, 'recovery'))}
${tile(
  'Checkpoints',
  formatCount(checkpoints.completed),
  `of ${formatCount(checkpoints.triggered)}, ${formatCount(checkpoints.aborted)} aborted`,
)}
${tile(
  'Determinism',
  determinism === null ? '–' : `${determinism.differed} differed`,
  repeated === 0 ? 'no run was repeated' : `of ${formatCount(repeated)} repeated`,
)}
${tile(
  'Mutants',
  mutants.length === 0 ? '–' : `${report.mutantsKilled} of ${report.mutantsScored}`,
  mutants.length === 0 ? 'none were tried' : 'caught',
)}</dl>
<p class="meaning">${report.confidence.text}</p>
${
  report.gaps.length === 0
    ? null
    : html`<p class="subhead">What this does not show</p>
<ul class="gaps">${report.gaps.map((gap) => html`<li>${gap}</li>`)}</ul>`
}
<p class="meaning muted">Exit ${report.exit}: ${report.exitMeaning}.</p>
${
  notices.length === 0
    ? null
    : html`<ul class="notices">${notices.map(
        ({ code, text }) => html`<li><code>${code}</code>${text}</li>`,
      )}</ul>`
}`;
}

function renderDeterminism({ determinism }: Report): Html {
  if (determinism === null || determinism.repeated === 0) {
    return html`<p class="empty-state">No run was repeated, so nothing is known about it.</p>`;
  }
  const { repeated, differed, firstDifference } = determinism;
  if (differed === 0) {
    return html`<p><span class="held">✓ ${plural(repeated, 'run')} repeated, all came out the
 same.</span></p>`;
  }
  return html`<p class="nondeterministic">≠ ${formatCount(differed)} of ${plural(repeated, 'run')}
 repeated came out differently.</p>${
   firstDifference === undefined ? null : html`<p>First difference: ${firstDifference}</p>`
 }`;
}

function tile(name: string, value: string, note: string): Html {
  return html`<div class="tile"><dt>${name}</dt><dd>${value}</dd><dd>${note}</dd></div>`;
}

function renderEnvironment({ environment, records, commits }: Report, options: PageOptions): Html {
  const facts: readonly (readonly [string, string])[] = [
    ['Command', environment.command],
    ['Root seed', environment.root],
    ['Commit', environment.git ?? 'not a git checkout'],
    ['Profile', environment.profile],
    ['Shard', environment.shard ?? 'none'],
    ['onceproof', environment.onceproof],
    ['Node', environment.node],
    ['Platform', environment.platform],
    ['Processed', `${formatCount(records)} records, ${formatCount(commits)} commits`],
    ['Rendered', options.renderedAt ?? 'without a date'],
  ];
  return html`<dl class="facts">${facts.map(
    ([name, value]) => html`<dt>${name}</dt><dd class="mono">${value}</dd>`,
  )}</dl>`;
}

const HELP = html`<dialog id="help" aria-labelledby="help-heading"><h2 id="help-heading">Keys</h2>
<dl class="facts"><dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>next, previous finding</dd>
<dt><kbd>/</kbd></dt><dd>search the events of this finding, or the runs</dd>
<dt><kbd>t</kbd></dt><dd>theme: auto, light, dark</dd><dt><kbd>?</kbd></dt><dd>this list</dd></dl>
<form method="dialog"><button>Close</button></form></dialog>`;
