// Judges of transactions by their lives: what was sealed for a checkpoint that completed is
// committed, and what an attempt leaves open is cleaned up by the one that takes its place.

import {
  type Checker,
  type Finding,
  type History,
  invalid,
  NOT_EXERCISED,
  valid,
} from './checker.ts';
import { OpenOutput } from './open-output.ts';

export const sealedOutputIsCommitted: Checker = {
  name: 'sealed-output-is-committed',
  explanation:
    'Whatever was sealed for a checkpoint that then completed has been committed when the job is ' +
    'finished: nobody has aborted or forgotten it.',
  check({ output = [], events, commits, end, storage = [] }: History): Finding {
    if (end.kind !== 'finished') return NOT_EXERCISED;
    const own = new Set(
      storage.flatMap((seen) => (seen.kind === 'metadata' ? seen.checkpoint : [])),
    );
    const completed = new Set<number>();
    for (const { event } of events) {
      if (event.kind !== 'checkpoint-completed') continue;
      // A plain savepoint commits nothing: a later checkpoint does, or all of it comes again.
      if (!event.savepoint || own.has(event.checkpoint)) completed.add(event.checkpoint);
    }
    const committed = new Set(commits.map(({ committable }) => committable));
    let evaluated = 0;
    for (const event of output) {
      if (event.kind !== 'sealed' || !completed.has(event.checkpoint)) continue;
      evaluated++;
      const { committable, checkpoint, owner, subtask } = event;
      if (committed.has(committable)) continue;
      const who = `Subtask ${subtask} (${owner})`;
      const message = `${who} sealed ${committable} for checkpoint ${checkpoint}`;
      return invalid(evaluated, `${message}, and nobody has committed it`, {
        expected: [committable],
        actual: [],
      });
    }
    return evaluated === 0 ? NOT_EXERCISED : valid(evaluated);
  },
};

export const noOutputStaysOpen: Checker = {
  name: 'no-output-stays-open',
  explanation:
    'When a sink has opened, what earlier attempts of its subtasks had left open or sealed in ' +
    'vain is gone, unless such an attempt shows later that it was still alive.',
  check(history: History): Finding {
    const { output = [], hadStorageFaults = false } = history;
    // What cannot be removed is left to the next attempt.
    if (hadStorageFaults) return NOT_EXERCISED;
    const open = new OpenOutput(output);
    let evaluated = 0;
    for (const event of output) {
      if (event.kind === 'unfinished') open.saw(event);
      if (event.kind === 'sink-opening') open.opening(event);
      if (event.kind !== 'sink-opened') continue;
      evaluated++;
      const [left] = open.leftBehind(event);
      if (left === undefined) continue;
      const who = `subtask ${event.subtask} (${event.owner})`;
      const message = `At ${event.timeMs} ms ${who} had opened, and ${left} was still there`;
      return invalid(evaluated, message, { expected: [], actual: [left] });
    }
    return evaluated === 0 ? NOT_EXERCISED : valid(evaluated);
  },
};
