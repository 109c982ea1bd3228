// Two recorded runs side by side: the first event in which they differ, and how they end. Runs of
// different engines, seeds, backends or scenarios may be compared; the less they have in common,
// the earlier they part.

import type { TraceEntry } from '../../simulator/index.ts';
import type { RunResult } from '../simulate.ts';

/** What can be sent from one process to another. */
export interface RecordedRun {
  readonly result: Omit<RunResult, 'trace'>;
  readonly trace: readonly TraceEntry[];
  /** As they are compared with what is expected, in the order of their files. */
  readonly outputs: readonly string[];
  /** Numbers of checkpoints that completed, in their order. */
  readonly completed: readonly number[];
}

export interface Parting {
  /** What both did last, the very last one at the end. */
  readonly common: readonly TraceEntry[];
  /** From the first event that differs on; empty for a run that is over. */
  readonly left: readonly TraceEntry[];
  readonly right: readonly TraceEntry[];
  /** The events that are the same. */
  readonly same: number;
  /** Where the digests part before any text does: payloads, orders or plans are not the same. */
  readonly unseenSince: number | undefined;
}

const COMMON_SHOWN = 6;
const EACH_SHOWN = 6;

/** Undefined for two runs that did the same, for all that can be seen of them. */
export function partingOf(
  left: readonly TraceEntry[],
  right: readonly TraceEntry[],
): Parting | undefined {
  const same = lengthOfSame(left, right, isSameEvent);
  if (same === left.length && same === right.length) return undefined;
  const sameDigests = lengthOfSame(left, right, (one, other) => one.digest === other.digest);
  const unseen = sameDigests < same ? left[sameDigests]?.step : undefined;
  return {
    common: left.slice(Math.max(0, same - COMMON_SHOWN), same),
    left: left.slice(same, same + EACH_SHOWN),
    right: right.slice(same, same + EACH_SHOWN),
    same,
    unseenSince: unseen,
  };
}

export function isSameEvent(one: TraceEntry, other: TraceEntry): boolean {
  return (
    one.text === other.text &&
    one.timeMs === other.timeMs &&
    one.host === other.host &&
    one.kind === other.kind &&
    one.step === other.step &&
    one.from === other.from
  );
}

/** Something of the end, on both sides. */
export interface EndRow {
  readonly what: string;
  readonly left: string;
  readonly right: string;
}

export function endRows(left: RecordedRun, right: RecordedRun): readonly EndRow[] {
  const [one, other] = [endOf(left), endOf(right)];
  return [...one].map(([what, text]) => ({ what, left: text, right: other.get(what) ?? '' }));
}

function endOf({ result, completed, outputs }: RecordedRun): ReadonlyMap<string, string> {
  const { verdict, property, message, end, steps, simMs, recoveries, commits, digest } = result;
  const faults = Object.entries(result.faults).map(([kind, count]) => `${kind} ${count}`);
  return new Map([
    ['verdict', verdict === 'invalid' ? `violated: ${property ?? 'unnamed'}` : 'all hold'],
    ['message', message ?? ''],
    ['job', end],
    ['steps', String(steps)],
    ['time', `${(simMs / 1_000).toFixed(3)}s`],
    ['faults', faults.join(', ')],
    ['recoveries', String(recoveries)],
    ['checkpoints', completed.join(' ')],
    ['commits', String(commits)],
    ['outputs', String(outputs.length)],
    ['digest', digest],
  ]);
}

export interface OutputDifference {
  /** How often more than the other side has it. */
  readonly onlyLeft: ReadonlyMap<string, number>;
  readonly onlyRight: ReadonlyMap<string, number>;
}

/** As multisets: in which order outputs come is no difference. */
export function outputDifference(left: RecordedRun, right: RecordedRun): OutputDifference {
  const balance = new Map<string, number>();
  for (const one of left.outputs) balance.set(one, (balance.get(one) ?? 0) + 1);
  for (const one of right.outputs) balance.set(one, (balance.get(one) ?? 0) - 1);
  const rows = [...balance];
  return {
    onlyLeft: new Map(rows.filter(([, count]) => count > 0)),
    onlyRight: new Map(rows.flatMap(([text, count]) => (count < 0 ? [[text, -count]] : []))),
  };
}

function lengthOfSame(
  left: readonly TraceEntry[],
  right: readonly TraceEntry[],
  isSame: (one: TraceEntry, other: TraceEntry) => boolean,
): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const [one, other] = [left[index], right[index]];
    if (one === undefined || other === undefined || !isSame(one, other)) return index;
  }
  return length;
}
