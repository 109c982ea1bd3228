/**
 * The report as Markdown, for pull requests and job summaries. It stays below 20 KB by cutting
 * lists and saying how much was cut; the replay lines of the findings shown are never cut.
 */
import { formatCount, formatDuration, formatTime, plural } from '../format.ts';
import type { FindingSummary, Report } from '../model.ts';
import { fateOf } from '../mutation-score.ts';
import { cleanText, shorten, utf8SizeBytes } from '../text.ts';
import { renderMermaid } from './mermaid.ts';
import type { RenderOptions } from './render-options.ts';

const SIZE_MAX_BYTES = 20 * 1_024;

interface Limits {
  readonly details: number;
  readonly findings: number;
  readonly steps: number;
  readonly names: number;
}

/** Tried in turn until the text fits. */
const LIMITS: readonly Limits[] = [
  { details: 3, findings: 20, steps: 30, names: 20 },
  { details: 1, findings: 20, steps: 20, names: 10 },
  { details: 1, findings: 8, steps: 12, names: 5 },
  { details: 0, findings: 5, steps: 0, names: 3 },
  { details: 0, findings: 1, steps: 0, names: 1 },
];

export function renderMarkdown(report: Report, options: RenderOptions = {}): string {
  const sizeMaxBytes = options.sizeMaxBytes ?? SIZE_MAX_BYTES;
  let text = '';
  for (const limits of LIMITS) {
    text = renderText(report, limits);
    if (utf8SizeBytes(text) <= sizeMaxBytes) return text;
  }
  return text;
}

function renderText(report: Report, limits: Limits): string {
  const { findings, environment, gaps, notices } = report;
  const shown = findings.slice(0, limits.findings);
  const parts = [
    '<!-- onceproof:ci -->',
    heading(report),
    totals(report),
    findings.length === 0 ? null : table(shown, findings.length),
    ...shown.slice(0, Math.max(1, limits.details)).map((finding) => detail(finding, limits)),
    determinism(report),
    mutationTable(report, limits),
    inline(report.confidence.text),
    list('Not shown by these runs', gaps, limits.names),
    list(
      'About this log',
      notices.map(({ code, text }) => `${code} ${text}`),
      limits.names,
    ),
    `Properties × backends: ${matrixSentence(report)}`,
    `Exit ${report.exit}: ${report.exitMeaning} · root \`${code(environment.root)}\``,
  ];
  return `${parts.filter((part) => part !== null).join('\n\n')}\n`;
}

function heading({ verdict, headline, totals: { findings } }: Report): string {
  const glyph = { 'no-violation': '✓', violated: '✗', inconclusive: '?', nondeterministic: '≠' };
  const count = findings === 0 ? '' : `, ${plural(findings, 'finding')}`;
  return `### ${glyph[verdict]} onceproof: ${headline.toLowerCase()}${count}`;
}

function totals(report: Report): string {
  const { totals: counted, sometimes, mutants } = report;
  const reached = sometimes.filter((mark) => mark.runs > 0).length;
  return [
    `**${plural(counted.runs, 'run')}**`,
    plural(counted.findings, 'finding'),
    plural(counted.cases, 'case'),
    `${formatDuration(report.simMs)} simulated`,
    plural(report.faultsTotal, 'fault'),
    plural(report.recoveries, 'recovery'),
    sometimes.length === 0 ? null : `${reached}/${sometimes.length} sometimes`,
    mutants.length === 0 ? null : `${report.mutantsKilled}/${report.mutantsScored} mutants`,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

function table(shown: readonly FindingSummary[], total: number): string {
  const rows = shown.map(({ finding, scenario, backend, rate, faults }) => {
    const cells = [finding.id, finding.property, scenario, backend].map(inline);
    const counts = `${formatCount(rate.failed)} / ${formatCount(rate.of)}`;
    return `| ${cells.join(' | ')} | ${counts} | ${plural(faults, 'fault')} |`;
  });
  const more = total > shown.length ? `\n\nand ${total - shown.length} more` : '';
  const head = '| | Property | Scenario | Backend | Rate | Minimal |\n|---|---|---|---|---|---|';
  return `${head}\n${rows.join('\n')}${more}`;
}

function detail(summary: FindingSummary, limits: Limits): string {
  const { finding } = summary;
  const message = shorten(inline(finding.message), 600);
  const intro = `> ${inline(finding.id)}: ${message}\n\n    ${oneLine(finding.replay)}`;
  if (limits.details === 0) return intro;
  const steps = finding.schedule.slice(0, limits.steps).map(({ timeMs, host, text, kind }) => {
    const sign = { event: '', fault: '⚡ ', violation: '✗ ' }[kind];
    return `1. ${formatTime(timeMs)} ${sign}${inline(host)}: ${shorten(inline(text), 200)}`;
  });
  const more = finding.schedule.length - steps.length;
  if (more > 0) steps.push(`\nand ${more} more`);
  const mermaid = renderMermaid(summary);
  const diagram = mermaid === null ? '' : `\n\n\`\`\`mermaid\n${mermaid}\n\`\`\``;
  const title = '<details><summary>Schedule and diagram</summary>';
  return `${intro}\n\n${title}\n\n${steps.join('\n')}${diagram}\n\n</details>`;
}

function determinism({ determinism: result }: Report): string | null {
  if (result === null) return null;
  const repeated = plural(result.repeated, 'run');
  const first = result.firstDifference;
  const where = first === undefined ? '' : ` First difference: ${shorten(inline(first), 400)}`;
  return `Determinism: ${repeated} repeated, ${result.differed} differed.${where}`;
}

/** Whoever wants to see all of it has the page; here are the ones that lived, and a few more. */
function mutationTable({ mutants }: Report, { names }: Limits): string | null {
  if (mutants.length === 0) return null;
  const sorted = mutants.toSorted((left, right) => Number(left.killed) - Number(right.killed));
  const rows = sorted.slice(0, names).map((mutant) => {
    const { name, property = '–', seeds, seedsP95, area = '–', standsFor = [] } = mutant;
    const cells = [name, fateOf(mutant), property, area, standsFor.join(', ')].map(inline);
    const most = seedsP95 === undefined ? '–' : formatCount(seedsP95);
    return `| ${cells.join(' | ')} | ${formatCount(seeds)} | ${most} |`;
  });
  const more = mutants.length - rows.length;
  const rest = more > 0 ? `\n\nand ${plural(more, 'mutant')} more` : '';
  const head = '| Mutant | Fate | Property | Area | Stands for | Seeds | 95 % |';
  return `${head}\n|---|---|---|---|---|---|---|\n${rows.join('\n')}${rest}`;
}

function matrixSentence({ matrix, backends }: Report): string {
  const held = matrix.filter(({ cells }) =>
    cells.every(({ status }) => status === 'held' || status === 'absent'),
  );
  const hollow = matrix.flatMap(({ property, cells }) =>
    cells.flatMap((cell, index) =>
      cell.status === 'never' ? [`○ ${property} never evaluated on ${backends[index] ?? '?'}`] : [],
    ),
  );
  const more = hollow.length > 3 ? ` and ${hollow.length - 3} more` : '';
  const rest = hollow.length === 0 ? '' : `; ${hollow.slice(0, 3).map(inline).join(', ')}${more}`;
  return `${held.length} of ${matrix.length} held on all${rest}.`;
}

function list(title: string, items: readonly string[], itemsMax: number): string | null {
  if (items.length === 0) return null;
  const lines = items.slice(0, itemsMax).map((item) => `- ${shorten(inline(item), 400)}`);
  if (items.length > itemsMax) lines.push(`- and ${items.length - itemsMax} more`);
  return `**${title}**\n\n${lines.join('\n')}`;
}

/** Foreign text inside a line: it cannot start markup, a mention, a table cell or a line. */
function inline(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_[\]|~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@(?=\w)/g, '@\u200B');
}

function code(text: string): string {
  return oneLine(text).replaceAll('`', "'");
}

function oneLine(text: string): string {
  return cleanText(text).replace(/\s+/g, ' ').trim();
}
