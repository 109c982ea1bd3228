// Judges of operations: what somebody asked for is answered, and a snapshot that was given to its
// user is his: whole from then on, whatever becomes of the job that took it.

import { type Checker, type History, invalid, NOT_EXERCISED, valid } from './checker.ts';

/** A checkpoint takes seconds where messages are lost, and a stop waits for one more. */
const ANSWERED_MS_MAX = 20_000;

export const operationsEnd: Checker = {
  name: 'operations-end',
  explanation:
    'What somebody asks of a running job is done or refused, or its leader dies, within ' +
    `${ANSWERED_MS_MAX / 1_000} seconds once all faults are over.`,
  check({ operations = [], events, healedAtMs = 0, checkpointTimeFactor = 1 }: History) {
    const overMs = events.at(-1)?.timeMs ?? 0;
    const boundMs = ANSWERED_MS_MAX * checkpointTimeFactor;
    let evaluated = 0;
    for (const { kind, askedMs, endedMs = overMs } of operations) {
      evaluated++;
      const tookMs = endedMs - Math.max(askedMs, healedAtMs);
      if (tookMs <= boundMs) continue;
      const message = `${kind}, asked for at ${askedMs} ms, had no answer for ${tookMs} ms`;
      const difference = { expected: [`≤ ${boundMs} ms`], actual: [`${tookMs} ms`] };
      return invalid(evaluated, message, difference);
    }
    return evaluated === 0 ? NOT_EXERCISED : valid(evaluated);
  },
};

export const savepointsStay: Checker = {
  name: 'savepoints-stay',
  explanation:
    'A savepoint that is reported complete, and the checkpoint that a canceled job leaves, would ' +
    'survive a loss of power, and stay whole and unchanged to the end.',
  check({ operations = [], ownedFiles = [], damaged }: History) {
    const digests = new Map(ownedFiles.map(({ path, digest }) => [path, digest]));
    let evaluated = 0;
    for (const { savepoint, files, endedMs = 0 } of operations) {
      // In a service, where nobody looks without being seen.
      if (savepoint === undefined || !savepoint.startsWith('/shared/')) continue;
      evaluated++;
      const metadata = `${savepoint}/_metadata`;
      if (!files.some(({ path }) => path === metadata) && !damaged.includes(metadata)) {
        const message = `At ${endedMs} ms ${savepoint} was complete, and had no metadata`;
        return invalid(evaluated, message, { expected: [metadata], actual: [] });
      }
      for (const { path, digest } of files) {
        const found = digests.get(path);
        if (found === digest || damaged.includes(path)) continue;
        const what = found === undefined ? 'is gone' : 'is another one';
        return invalid(evaluated, `${path} of ${savepoint} ${what}`, {
          expected: [`${path} ${digest}`],
          actual: found === undefined ? [] : [`${path} ${found}`],
        });
      }
    }
    return evaluated === 0 ? NOT_EXERCISED : valid(evaluated);
  },
};
