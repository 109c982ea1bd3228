// A pool answers every request once, whatever happens to the workers that carry them out.

import { join } from 'node:path';
import test from 'ava';
import { emptyDirectory, writeIn } from '../testing/command.ts';
import { userScenarioFile } from '../testing/user-scenarios.ts';
import type { RunDone, RunFailed, RunRequest } from './messages.ts';
import { WorkerPool } from './worker-pool.ts';

type Reply = RunDone | RunFailed;

function requests(count: number): RunRequest[] {
  return Array.from({ length: count }, (_, sequence) => ({
    sequence,
    scenario: 'user/one',
    backend: 'memory',
    seed: String(sequence).padStart(16, '0'),
    isRepeated: false,
    record: 'never',
  }));
}

async function replies(
  verdict: string,
  options: { readonly count: number; readonly workers: number; readonly runLimitMs: number },
): Promise<Reply[]> {
  const directory = emptyDirectory();
  writeIn(directory, 'one.ts', userScenarioFile([{ id: 'user/one', verdict }]));
  const answered: Reply[] = [];
  const pool = new WorkerPool({
    files: [join(directory, 'one.ts')],
    mutant: undefined,
    workers: options.workers,
    runLimitMs: options.runLimitMs,
    onReply: (reply) => answered.push(reply),
    onOutput: () => undefined,
  });
  await pool.run(requests(options.count));
  pool.close();
  return answered.toSorted((left, right) => left.sequence - right.sequence);
}

test.serial('a run that never ends is ended, named, and costs no other run', async (t) => {
  const verdict = 'if (first % 5 === 0) for (;;); return null;';
  const answered = await replies(verdict, { count: 12, workers: 2, runLimitMs: 4_000 });
  t.deepEqual(
    answered.map(({ sequence }) => sequence),
    requests(12).map(({ sequence }) => sequence),
  );
  const failed = answered.filter((reply) => reply.kind === 'run-failed');
  t.true(failed.length > 0 && failed.length < 12, String(failed.length));
  for (const { error, sequence } of failed) {
    t.is(error.code, 'OP-E151');
    t.regex(error.message, /it took longer than 4 s/);
    t.is(error.place, `user/one@memory#${String(sequence).padStart(16, '0')}`);
  }
});

test.serial('which worker a run is carried out by does not change its digest', async (t) => {
  const digests = async (workers: number): Promise<string[]> => {
    const answered = await replies('return null;', { count: 8, workers, runLimitMs: 60_000 });
    return answered.map((reply) => (reply.kind === 'run-done' ? reply.result.digest : 'failed'));
  };
  const one = await digests(1);
  t.deepEqual(await digests(3), one);
  t.is(new Set(one).size, 8);
});

test.serial('scenarios that do not load in a worker fail the whole pool', async (t) => {
  const pool = new WorkerPool({
    files: [join(emptyDirectory(), 'gone.ts')],
    mutant: undefined,
    workers: 2,
    runLimitMs: 60_000,
    onReply: () => undefined,
    onOutput: () => undefined,
  });
  await t.throwsAsync(pool.run(requests(1)), { message: /there is no such file/ });
});

test.serial(
  'a mutant whose module is not loaded is refused, not counted as a survivor',
  async (t) => {
    const directory = emptyDirectory();
    writeIn(directory, 'one.ts', userScenarioFile([{ id: 'user/one', verdict: 'return null;' }]));
    const pool = new WorkerPool({
      files: [join(directory, 'one.ts')],
      mutant: 'no-such-mutant',
      workers: 1,
      runLimitMs: 60_000,
      onReply: () => undefined,
      onOutput: () => undefined,
    });
    await t.throwsAsync(pool.run(requests(1)), { message: /Cannot find mutant "no-such-mutant"/ });
  },
);
