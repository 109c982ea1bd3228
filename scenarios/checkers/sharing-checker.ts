// Judges what checkpoints share: an immutable file that one has uploaded is not uploaded again for
// the next. For scenarios without faults, with one checkpoint at a time, in which every task has
// one store: otherwise a second upload may be right, and names alone do not tell files apart.

import { type Checker, type Finding, type History, invalid, valid } from './checker.ts';

/**
 * `<checkpoint>-<attempt>-<file of the store>-<counter>`: see checkpoint-names.ts of the engine.
 */
const SHARED_FILE = /\/shared\/[0-9]+-(.+)-[0-9]+$/;

export const sharedFilesAreShared: Checker = {
  name: 'shared-files-are-shared',
  explanation:
    'Where nothing fails, a checkpoint refers to each immutable file that the one before it has, ' +
    'and does not upload it again.',
  check({ storage = [] }: History): Finding {
    const uploads = new Map<string, string>();
    let evaluated = 0;
    for (const event of storage) {
      if (event.kind !== 'metadata') continue;
      for (const path of event.references) {
        const file = SHARED_FILE.exec(path)?.[1];
        if (file === undefined) continue;
        const first = uploads.get(file);
        uploads.set(file, first ?? path);
        if (first === undefined) continue;
        evaluated++;
        if (first === path) continue;
        const message = `Checkpoint ${event.checkpoint} uploaded ${file} a second time`;
        return invalid(evaluated, message, { expected: [first], actual: [path] });
      }
    }
    return valid(evaluated);
  },
};

/** Some twenty intervals of the scenarios it is for. */
const PAUSE_MS_MAX = 2_000;

/** For scenarios whose checkpoints are frequent, and nothing of which is slow. */
export const checkpointsNeverPause: Checker = {
  name: 'checkpoints-never-pause',
  explanation:
    'While the job runs a checkpoint completes at least every ' +
    `${PAUSE_MS_MAX / 1_000} seconds, longer where checkpoints take longer.`,
  check({ events, checkpointTimeFactor = 1 }: History): Finding {
    const boundMs = PAUSE_MS_MAX * checkpointTimeFactor;
    let lastMs: number | undefined;
    let evaluated = 0;
    for (const { timeMs, event } of events) {
      if (event.kind === 'job-finished') break;
      if (event.kind !== 'checkpoint-completed' && event.kind !== 'records') continue;
      if (lastMs !== undefined && timeMs - lastMs > boundMs) {
        return invalid(evaluated, `From ${lastMs} to ${timeMs} ms no checkpoint completed`, {
          expected: [`≤ ${boundMs} ms`],
          actual: [`${timeMs - lastMs} ms`],
        });
      }
      if (event.kind !== 'checkpoint-completed') continue;
      lastMs = timeMs;
      evaluated++;
    }
    return valid(evaluated);
  },
};
