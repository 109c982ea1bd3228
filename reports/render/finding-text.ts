/**
 * A finding as plain text: no color, no markup, ready for a terminal, a ticket or a JUnit failure.
 * The last line is the one to copy.
 */
import { formatCount, formatTime, plural } from '../format.ts';
import type { FindingSummary } from '../model.ts';
import { cleanText } from '../text.ts';

/** Beyond this many lines of output or schedule a plain text is no longer read. */
const LINES_MAX = 60;

export function renderFindingText(summary: FindingSummary): string {
  const { finding, rate, elsewhere, source } = summary;
  const others = elsewhere
    .filter(({ cell }) => cell.status === 'held')
    .map(({ backend, cell }) => `${backend} ${formatCount(cell.runs)}/${formatCount(cell.runs)}`);
  const lines = [
    `${finding.id}  ${finding.property}  violated`,
    `  scenario   ${summary.scenario}${source === null ? '' : `  ${source}`}`,
    `  fails on   ${summary.backend} ${formatCount(rate.failed)}/${formatCount(rate.of)}`,
    ...(others.length === 0 ? [] : [`  holds on   ${others.join(' · ')}`]),
    '',
    ...finding.message.split('\n').map((line) => `  ${line}`),
    ...output(summary),
    ...schedule(summary),
    '',
    `  Reproduce  ${finding.replay}`,
  ];
  return lines.map(cleanText).join('\n');
}

function output({ diff }: FindingSummary): string[] {
  if (diff.length === 0) return [];
  const signs = { same: ' ', missing: '-', added: '+', skipped: '…' } as const;
  const lines = diff.map(({ mark, text }) => `    ${signs[mark]} ${text}`);
  return ['', '  Output, expected (-) and actual (+)', ...cut(lines)];
}

function schedule({ finding, faults, faultsBefore }: FindingSummary): string[] {
  const signs = { event: ' ', fault: '⚡', violation: '✗' } as const;
  const lines = finding.schedule.map(({ timeMs, host, text, kind }) => {
    return `    ${formatTime(timeMs).padStart(9)}  ${signs[kind]} ${host.padEnd(8)} ${text}`;
  });
  const title = faultsBefore === null ? 'Schedule' : 'Minimal schedule';
  return ['', `  ${title}, ${plural(faults, 'fault')}`, ...cut(lines)];
}

function cut(lines: readonly string[]): readonly string[] {
  if (lines.length <= LINES_MAX) return lines;
  return [...lines.slice(0, LINES_MAX), `    and ${lines.length - LINES_MAX} more`];
}
