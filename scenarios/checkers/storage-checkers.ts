// Judges of checkpoints' artefacts while the job runs: what is needed stays, what is not goes, and
// whoever became leader at any moment could read what it would start from.

import {
  type Checker,
  type Finding,
  type History,
  invalid,
  NOT_EXERCISED,
  valid,
} from './checker.ts';
import type { StorageEvent } from './observations.ts';
import { RetainedCheckpoints } from './retained.ts';
import { timeline } from './timeline.ts';
import { UnneededArtefacts } from './unneeded-artefacts.ts';

export const neededArtefactsStay: Checker = {
  name: 'needed-artefacts-stay',
  explanation:
    'While the job runs, no artefact goes that a retained checkpoint is made of, and a ' +
    'checkpoint that completes has all it refers to.',
  check(history: History): Finding {
    const { storage = [], retainedCheckpoints = 1, damaged } = history;
    const retained = new RetainedCheckpoints(retainedCheckpoints, storage);
    const present = new Set<string>();
    const spoiled = new Set(damaged);
    let evaluated = 0;
    for (const moment of timeline(history, storage)) {
      if (moment.kind === 'engine') {
        retained.happened(moment.event);
        continue;
      }
      const { seen, timeMs } = moment;
      retained.follow(seen);
      if (seen.kind !== 'artefacts') continue;
      evaluated += follow(present, seen);
      for (const path of seen.removed) {
        const checkpoint = retained.neededBy(path);
        if (checkpoint === undefined || spoiled.has(path)) continue;
        // Nobody can read what it consists of, so it goes.
        if (isAmong(damaged, `/chk-${checkpoint}/_metadata`)) continue;
        const message = `At ${timeMs} ms ${path} of retained checkpoint ${checkpoint} was gone`;
        return invalid(evaluated, message, { expected: [path], actual: [] });
      }
      const lacking = lackingOf(retained, present, damaged).filter((path) => !spoiled.has(path));
      if (lacking.length === 0) continue;
      return invalid(evaluated, `At ${timeMs} ms a complete checkpoint lacked ${lacking[0]}`, {
        expected: lacking,
        actual: [],
      });
    }
    return evaluated === 0 ? NOT_EXERCISED : valid(evaluated);
  },
};

function follow(present: Set<string>, seen: Extract<StorageEvent, { kind: 'artefacts' }>): number {
  for (const path of seen.removed) present.delete(path);
  for (const path of seen.appeared) present.add(path);
  return seen.removed.length;
}

function lackingOf(
  retained: RetainedCheckpoints,
  present: ReadonlySet<string>,
  damaged: readonly string[],
): string[] {
  return retained.ids.flatMap((id) =>
    isAmong(damaged, `/chk-${id}/_metadata`)
      ? []
      : [...retained.referencesOf(id)].filter((path) => !present.has(path)),
  );
}

/** Completions that may pass before what nobody needs any more has to be gone. */
const COMPLETIONS_MAX = 4;
/** A deletion takes some calls to the disk, of some milliseconds each. */
const UNNEEDED_MS_MAX = 700;

export const unneededArtefactsGo: Checker = {
  name: 'unneeded-artefacts-go',
  explanation:
    'While no disk and no service fails, an artefact that no retained checkpoint and none ' +
    `under way needs is gone after ${COMPLETIONS_MAX} further checkpoints, not only when the ` +
    'job ends.',
  check(history: History): Finding {
    const { storage = [], checkpointTimeFactor = 1 } = history;
    const artefacts = new UnneededArtefacts(history);
    let evaluated = 0;
    for (const { kind, timeMs, ...rest } of timeline(history, storage)) {
      if (kind === 'seen' && 'seen' in rest) artefacts.saw(rest.seen);
      if (kind !== 'engine' || !('event' in rest)) continue;
      artefacts.happened(timeMs, rest.event);
      if (rest.event.kind !== 'checkpoint-completed') continue;
      evaluated += artefacts.unneededCount;
      const overdue = artefacts.overdue({
        timeMs,
        completionsMax: COMPLETIONS_MAX,
        unneededMsMax: UNNEEDED_MS_MAX * checkpointTimeFactor,
      });
      const [first] = overdue;
      if (first === undefined) continue;
      const message = `At ${timeMs} ms ${first} was still there, which nobody needs`;
      return invalid(evaluated, message, { expected: [], actual: overdue.slice(0, 8) });
    }
    return evaluated === 0 ? NOT_EXERCISED : valid(evaluated);
  },
};

export const pointerIsReadable: Checker = {
  name: 'pointer-is-readable',
  explanation:
    'The checkpoint that the next leader would start from can be read, as a loss of power would ' +
    'leave it, at every moment; and it never becomes an older one.',
  check({ storage = [], damaged }: History): Finding {
    let newest = 0;
    let evaluated = 0;
    for (const event of storage) {
      if (event.kind === 'job-over') return valid(evaluated);
      if (event.kind !== 'pointer') continue;
      const { timeMs, checkpoint } = event;
      evaluated++;
      if (checkpoint < newest) {
        const message = `At ${timeMs} ms the pointer went back to checkpoint ${checkpoint}`;
        const difference = { expected: [`≥ ${newest}`], actual: [String(checkpoint)] };
        return invalid(evaluated, message, difference);
      }
      newest = checkpoint;
      const missing = event.missing.filter((path) => !isAmong(damaged, path));
      if (missing.length === 0) continue;
      const message = `At ${timeMs} ms checkpoint ${checkpoint} lacked ${missing[0]}`;
      return invalid(evaluated, `${message}, and is pointed to`, {
        expected: missing.slice(0, 8),
        actual: [],
      });
    }
    return valid(evaluated);
  },
};

/** Metadata is named below whatever directory is the job's. */
function isAmong(damaged: readonly string[], path: string): boolean {
  return damaged.some((one) => one === path || (path.startsWith('/chk-') && one.endsWith(path)));
}
