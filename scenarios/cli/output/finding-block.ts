// A finding for the terminal. The last line is the one to copy, and is never cut or wrapped.

import type { FindingSummary } from '../../../reports/index.ts';
import type { Screen } from './screen.ts';
import { padTo, widthOf, wrap } from './lay-out.ts';
import { count, plural } from './text.ts';

export interface BlockOptions {
  readonly screen: Screen;
  /** Runs that show this finding, by backend, and of how many. */
  readonly rates: readonly {
    readonly backend: string;
    readonly failed: number;
    readonly of: number;
  }[];
  readonly explanation: string | undefined;
  readonly look: string | undefined;
  /** The replay line of the run that was found, where a smaller one is shown. */
  readonly original?: string | undefined;
}

const SCHEDULE_MAX = 24;
const DIFF_MAX = 24;
const WIDTH_MAX = 100;

export function findingBlock(summary: FindingSummary, options: BlockOptions): string {
  const { finding, scenario, source } = summary;
  const { screen, rates, explanation, look, original } = options;
  const width = Math.min(screen.columns, WIDTH_MAX);
  const row = (name: string, text: string): string => `   ${padTo(name, 11)}${text}`;
  const failing = rates.filter(({ failed }) => failed > 0).map(ratio);
  const holding = rates.filter(({ failed, of }) => failed === 0 && of > 0);
  const lines = [
    heading(summary, screen, width),
    row('scenario', source === null ? scenario : `${padTo(scenario, 36)}  ${source}`),
    ...(explanation === undefined
      ? []
      : wrap(explanation, width - 14).map((line, at) => row(at === 0 ? 'property' : '', line))),
    row(
      'fails on',
      screen.paint('red', failing.length === 0 ? 'a saved repro' : failing.join(' · ')),
    ),
    ...(holding.length === 0 ? [] : [row('holds on', holding.map(held).join(' · '))]),
    '',
    ...finding.message.split('\n').flatMap((line) => indented(line, width)),
    ...difference(summary, screen, width),
    ...schedule(summary, screen, width),
    '',
    ...(look === undefined ? [] : [row('Look', look)]),
    ...(original === undefined ? [] : [row('Original', original)]),
    row('Reproduce', screen.paint('bold', finding.replay)),
  ];
  return `${lines.join('\n')}\n`;
}

function indented(line: string, width: number): string[] {
  const own = /^ */.exec(line)?.[0] ?? '';
  // What is a step of a longer way hangs behind its arrow.
  const hanging = own === '' ? '' : `${own}  `;
  return wrap(line.trimStart(), width - 3 - hanging.length).map((part, at) => {
    return `   ${at === 0 ? own : hanging}${part}`;
  });
}

function heading({ finding }: FindingSummary, screen: Screen, width: number): string {
  const left = `── ${finding.id}  ${finding.property} `;
  const right = ' violated ──';
  const line = '─'.repeat(Math.max(2, width - widthOf(left) - widthOf(right)));
  return screen.paint('red', `${left}${line}${right}`);
}

function ratio(rate: BlockOptions['rates'][number]): string {
  return `${rate.backend} ${count(rate.failed)}/${count(rate.of)}`;
}

function held({ backend, of }: BlockOptions['rates'][number]): string {
  return `${backend} ${count(of)}/${count(of)}`;
}

function difference({ diff }: FindingSummary, screen: Screen, width: number): string[] {
  const changed = diff.filter(({ mark }) => mark !== 'same');
  if (changed.length === 0) return [];
  const lines = changed.slice(0, DIFF_MAX).map(({ mark, text }) => {
    if (mark === 'missing') return screen.paint('blue', cut(`     - ${text}`, width));
    return mark === 'added' ? screen.paint('red', cut(`     + ${text}`, width)) : `       ${text}`;
  });
  const more = changed.length - lines.length;
  return [
    '',
    '   Output that is missing (-) and output that is too much (+)',
    ...lines,
    ...(more > 0 ? [`       and ${count(more)} more`] : []),
  ];
}

function schedule(summary: FindingSummary, screen: Screen, width: number): string[] {
  const { faultsBefore } = summary;
  const steps = summary.finding.schedule;
  if (steps.length === 0) return [];
  const faults = steps.filter(({ kind }) => kind === 'fault').length;
  const title =
    faultsBefore === null
      ? `Schedule, ${plural(faults, 'fault')}`
      : `Minimal schedule, made from ${plural(faultsBefore, 'planned fault')}`;
  const shown = steps.slice(-SCHEDULE_MAX);
  const cutOff = shown.length < steps.length ? `, the last ${shown.length} of ` : ', ';
  const hostWidth = Math.max(...shown.map(({ host }) => host.length));
  return [
    '',
    `   ${title}${cutOff}${plural(steps.length, 'step')}`,
    ...shown.map(({ timeMs, host, text, kind }) => {
      const time = `${(timeMs / 1_000).toFixed(3)}s`.padStart(10);
      const glyph = { event: ' ', fault: '⚡', violation: '✗' }[kind];
      const line = cut(`  ${time}  ${glyph} ${host.padEnd(hostWidth)}  ${text}`, width);
      return kind === 'event' ? line : screen.paint(kind === 'fault' ? 'yellow' : 'red', line);
    }),
  ];
}

function cut(line: string, width: number): string {
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
}
