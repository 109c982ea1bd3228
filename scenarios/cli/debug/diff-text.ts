// What `onceproof diff` prints: where two runs part, with what came before and after on both sides,
// and how their ends differ.

import type { TraceEntry } from '../../../simulator/index.ts';
import {
  endRows,
  outputDifference,
  type Parting,
  partingOf,
  type RecordedRun,
} from '../../debug/compare.ts';
import { padTo } from '../output/lay-out.ts';
import { count, plural } from '../output/text.ts';
import { eventText } from './event-text.ts';

export interface Side {
  readonly title: string;
  readonly run: RecordedRun;
}

export interface DiffText {
  readonly text: string;
  readonly isSame: boolean;
}

const OUTPUTS_SHOWN = 10;
const OUTPUT_MAX = 100;
const CELL_MAX = 60;

export function diffText(left: Side, right: Side): DiffText {
  const parting = partingOf(left.run.trace, right.run.trace);
  const rows = endRows(left.run, right.run).filter((row) => row.left !== row.right);
  const isSame = parting === undefined && rows.length === 0;
  const lines = [
    ` left   ${left.title}`,
    ` right  ${right.title}`,
    '',
    ...(parting === undefined
      ? [`   All ${count(left.run.trace.length)} events are the same`]
      : partingLines(parting)),
    ...unseenLines(parting),
    '',
    ...endLines(rows),
    ...outputLines(left.run, right.run),
  ];
  return { text: `${lines.join('\n')}\n`, isSame };
}

function partingLines({ common, left, right, same }: Parting): readonly string[] {
  const [first] = left.length > 0 ? left : right;
  const where = first === undefined ? '' : `, at step ${count(first.step)}`;
  return [
    `   The first difference: after ${plural(same, 'event')} that are the same${where}`,
    ...common.map((entry) => `       ${eventText(entry)}`),
    ...sideLines('<', left),
    ...sideLines('>', right),
  ];
}

function sideLines(sign: string, entries: readonly TraceEntry[]): readonly string[] {
  if (entries.length === 0) return [`     ${sign} the run is over`];
  return entries.map((entry) => `     ${sign} ${eventText(entry)}`);
}

function unseenLines(parting: Parting | undefined): readonly string[] {
  if (parting?.unseenSince === undefined) return [];
  return [
    `   Their digests differ from step ${count(parting.unseenSince)} on: payloads, plans of faults`,
    '   or the order in which events were scheduled, which no text shows',
  ];
}

function endLines(rows: ReturnType<typeof endRows>): readonly string[] {
  if (rows.length === 0) return ['   They end in the same way'];
  const clipped = rows.map(({ what, left, right }) => ({
    what,
    left: clip(left === '' ? '-' : left, CELL_MAX),
    right: clip(right === '' ? '-' : right, CELL_MAX),
  }));
  const width = Math.max(...clipped.map(({ left }) => left.length), 'left'.length);
  return [
    `   ${padTo('At the end', 12)} ${padTo('left', width)}  right`,
    ...clipped.map(({ what, left, right }) => {
      return `   ${padTo(what, 12)} ${padTo(left, width)}  ${right}`;
    }),
  ];
}

function outputLines(left: RecordedRun, right: RecordedRun): readonly string[] {
  const { onlyLeft, onlyRight } = outputDifference(left, right);
  if (onlyLeft.size + onlyRight.size === 0) {
    return ['', `   Committed output: the same, ${plural(left.outputs.length, 'record')}`];
  }
  return ['', '   Committed output', ...onlyIn('<', onlyLeft), ...onlyIn('>', onlyRight)];
}

function onlyIn(sign: string, outputs: ReadonlyMap<string, number>): readonly string[] {
  const lines = [...outputs].slice(0, OUTPUTS_SHOWN).map(([text, times]) => {
    return `     ${sign} ${clip(text, OUTPUT_MAX)}${times > 1 ? `  × ${times}` : ''}`;
  });
  const more = outputs.size - lines.length;
  return more > 0 ? [...lines, `     ${sign} … and ${count(more)} more`] : lines;
}

function clip(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}
