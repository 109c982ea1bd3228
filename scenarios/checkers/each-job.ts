// Judges each job of a history by itself. Where a job took the place of another one leaders, their
// tasks and checkpoints that were given up are counted anew, and nothing of the earlier job runs
// on; what a property says is said of one job.

import { type Checker, type Finding, type History, type TimedEvent } from './checker.ts';
import type { JobStart, StorageEvent } from './observations.ts';

export function eachJob(checker: Checker): Checker {
  return {
    ...checker,
    check: (history) => judgeEach(jobsOf(history), checker),
  };
}

function judgeEach(jobs: readonly History[], checker: Checker): Finding {
  let worst: Finding | undefined;
  let evaluated = 0;
  for (const job of jobs) {
    const finding = checker.check(job);
    evaluated += finding.evaluated;
    if (finding.verdict === 'invalid') return { ...finding, evaluated };
    if (worst === undefined || finding.verdict === 'unknown') worst = finding;
  }
  return { ...(worst ?? { verdict: 'valid' }), evaluated };
}

const BEGINNING = { timeMs: 0, events: 0, storage: 0, output: 0, isOtherVersion: false };

/** Commits and the end are common to all of them: what one has sealed another may commit. */
export function jobsOf(history: History): readonly History[] {
  const { laterJobs = [], storage = [], output = [], healedAtMs } = history;
  if (laterJobs.length === 0) return [history];
  const starts: readonly Omit<JobStart, 'job' | 'replaced' | 'unfinished'>[] = [
    BEGINNING,
    ...laterJobs,
  ];
  let before: readonly TimedEvent[] = [];
  return starts.map((start, index) => {
    const next = starts[index + 1];
    const own = history.events.slice(start.events, next?.events);
    const events = [...inherited(before, own, start), ...own];
    before = events;
    const earlier = laterJobs.slice(0, index).map(({ replaced }) => `/${replaced}/`);
    return {
      ...history,
      events,
      storage: storage.slice(start.storage, next?.storage).map((seen) => ownPart(seen, earlier)),
      output: output.slice(start.output, next?.output),
      ...(healedAtMs === undefined ? {} : { healedAtMs: Math.max(healedAtMs, start.timeMs) }),
    };
  });
}

/** What a loss of power brings back of an earlier job is nobody's to clean up. */
function ownPart(seen: StorageEvent, earlier: readonly string[]): StorageEvent {
  if (seen.kind !== 'artefacts') return seen;
  const isOwn = (path: string): boolean => !earlier.some((place) => path.includes(place));
  return { ...seen, appeared: seen.appeared.filter(isOwn), removed: seen.removed.filter(isOwn) };
}

/** Of the checkpoint that a job begins with: what the job before had put into it. */
function inherited(
  before: readonly TimedEvent[],
  own: readonly TimedEvent[],
  { isOtherVersion }: Pick<JobStart, 'isOtherVersion'>,
): readonly TimedEvent[] {
  const first = own.find(({ event }) => event.kind === 'job-restoring')?.event;
  if (first?.kind !== 'job-restoring' || first.checkpoint === undefined) return [];
  const { checkpoint } = first;
  return before.filter(({ event }) => {
    // Another version keeps the same things in another form.
    if (event.kind === 'keyed-state-snapshotted' && isOtherVersion) return false;
    const isSnapshot =
      event.kind === 'keyed-state-snapshotted' || event.kind === 'operator-state-snapshotted';
    return isSnapshot && event.checkpoint === checkpoint;
  });
}
