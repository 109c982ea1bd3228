// Tries of a failing run with another future: the same steps up to some place, then another chance
// and other faults. Every try follows from the run, the place and its own number alone.

import { murmurHash, stringHashCode } from '../../engine/core/hash.ts';
import {
  FAULT_KINDS,
  type FaultKind,
  type ReachedMark,
  type TraceEntry,
} from '../../simulator/index.ts';
import type { Departure } from '../cluster/departure.ts';
import { isSameViolation, type Violation, violationOf } from '../shrink/same-violation.ts';
import type { RunResult } from '../simulate.ts';
import { isSameEvent } from './compare.ts';
import { runSubject, type Subject } from './subject.ts';

/** The run whose future is asked about, recorded. */
export interface Original {
  readonly subject: Subject;
  readonly violation: Violation;
  readonly trace: readonly TraceEntry[];
  readonly marks: readonly ReachedMark[];
  readonly result: RunResult;
  /** Ended at this time the run shows its violation already; undefined if it needs its end. */
  readonly shownByMs: number | undefined;
}

export type Ending = 'failed' | 'passed' | 'failed-otherwise';

export interface Try {
  readonly ending: Ending;
  readonly result: RunResult;
}

/** From where on it is tried whether a run shows its violation before its end. */
const SHOWN_FROM_MS = 500;
/** What others may take longer for the same. */
const LONGER = 1.25;

/** From `beforeStep` on, for the `nth` time. */
export async function tryFuture(original: Original, beforeStep: number, nth: number): Promise<Try> {
  const departure = departureAt(original, beforeStep, nth);
  const { shownByMs, result: first, violation } = original;
  const { horizonMs: _, ...whole } = original.subject;
  const more = { departure, plan: first.plan };
  // A run that fails may hang for long afterwards. No checker misses outputs of a run that was cut.
  if (nth > 1 && shownByMs !== undefined) {
    const cut = await runSubject({ ...whole, horizonMs: Math.ceil(shownByMs * LONGER) }, more);
    if (endingOf(cut, violation) === 'failed') return { ending: 'failed', result: cut };
  }
  // One of each place is compared with the run that it departs from.
  const result = await runSubject(whole, { ...more, record: nth === 1 });
  return { ending: endingOf(result, violation), result };
}

/** The earliest of some times at which the run could have been ended. */
export async function shownBy(
  subject: Subject,
  { simMs }: Pick<RunResult, 'simMs'>,
  violation: Violation,
): Promise<number | undefined> {
  for (let horizonMs = SHOWN_FROM_MS; horizonMs * LONGER < simMs; horizonMs *= 2) {
    const cut = await runSubject({ ...subject, horizonMs });
    if (endingOf(cut, violation) === 'failed') return horizonMs;
  }
  return undefined;
}

/** Whether a recorded try did the same as the original up to there. */
export function sharesPast(original: Original, beforeStep: number, { result }: Try): boolean {
  const past = pastOf(original.trace, beforeStep);
  const other = pastOf(result.trace ?? [], beforeStep);
  return (
    past.length === other.length &&
    past.every((entry, index) => {
      const match = other[index];
      return match !== undefined && isSameEvent(entry, match);
    })
  );
}

function endingOf(result: RunResult, violation: Violation): Ending {
  const found = violationOf(result);
  if (found === undefined) return 'passed';
  return isSameViolation(found, violation) ? 'failed' : 'failed-otherwise';
}

function departureAt(original: Original, beforeStep: number, nth: number): Departure {
  const { trace, marks, subject } = original;
  const seed = seedOf(`${subject.seed} ${beforeStep} ${nth}`);
  const before = pastOf(trace, beforeStep);
  const nowMs = before.at(-1)?.timeMs ?? -1;
  const later = trace.filter(({ step, timeMs, kind }) => {
    return step >= beforeStep && timeMs === nowMs && kind === 'fault';
  });
  return {
    beforeStep,
    timeMs: nowMs,
    // What one begins is a step of its own, which is named after it.
    pending: FAULT_KINDS.filter((kind) => later.some(({ text }) => begins(text, kind))),
    marks: marks.filter((mark) => mark.nth <= countOf(mark.mark, before)),
    seed,
  };
}

function pastOf(trace: readonly TraceEntry[], beforeStep: number): readonly TraceEntry[] {
  return trace.filter(({ step }) => step < beforeStep);
}

function begins(text: string, kind: FaultKind): boolean {
  return text === kind || text === `${kind} begins`;
}

/** Every mark is noted under its own name. */
function countOf(mark: string, entries: readonly TraceEntry[]): number {
  return entries.filter(({ kind, text }) => kind === 'note' && text.startsWith(`${mark} `)).length;
}

function seedOf(text: string): string {
  return [`${text} high`, `${text} low`]
    .map((part) => murmurHash(stringHashCode(part)).toString(16).padStart(8, '0'))
    .join('');
}
