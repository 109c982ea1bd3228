// Canonical savepoints: what one backend has stored in its own storage, every other goes on from,
// at another parallelism, with the output and the state of a job that nothing has stopped. Files of
// a store are no savepoint.

import test from 'ava';

import { present } from '../../engine/core/assert.ts';
import { BACKENDS_ON_REQUEST, type BackendName, DEFAULT_BACKENDS } from '../backend-names.ts';
import { rocksDB } from '../cluster/backends/rocksdb-backend.ts';
import { CHECKPOINT_DIRECTORY } from '../cluster/places.ts';
import { Cluster } from '../support/cluster.ts';
import { countPerKey, numbers } from '../support/jobs.ts';
import { type PairedBackend, pairBackend } from '../support/pair-backend.ts';
import {
  type Digests,
  FIRST_PARALLELISM,
  goOn,
  stopWithSavepoint,
  uninterrupted,
} from '../support/pair-run.ts';

const BACKENDS = [...DEFAULT_BACKENDS, ...BACKENDS_ON_REQUEST];
/** Up and down: no pair keeps the parallelism of the first job. */
const OTHERS = [1, 3, 4] as const;
/** With keyed state: kinds of state, windows, timers beside broadcast state. */
const KEYED_OPERATORS = 3;

let wanted: Digests | undefined;

test.serial.before('what nothing stops commits what the model says', async (t) => {
  const { end, last, difference } = await uninterrupted(pairBackend('memory', 'memory'));
  t.is(end.kind, 'job-finished');
  t.deepEqual(difference, { missing: [], surplus: [] });
  wanted = last;
});

for (const [row, before] of BACKENDS.entries()) {
  for (const [column, after] of BACKENDS.entries()) {
    const parallelism = present(OTHERS[(row + column) % OTHERS.length], 'No parallelism');
    const title = `${after} goes on from a savepoint of ${before}, with ${parallelism}`;
    test.serial(title, async (t) => {
      t.not(parallelism, FIRST_PARALLELISM);
      const pair = pairBackend(before, after);
      const stopped = await stopWithSavepoint(pair);
      const { savepoint, saved, committed, released } = stopped;
      t.is(saved.size, KEYED_OPERATORS);
      t.true([...saved.values()].every((digest) => !digest.startsWith('0:')));
      t.true(committed > 0);
      t.is(released, 0, 'The lists are to be released by the second job');
      const { end, restored, last, difference } = await goOn(
        stopped,
        pair,
        pair.placeOf(savepoint),
        parallelism,
      );
      t.is(end.kind, 'job-finished');
      t.deepEqual(restored, saved);
      t.deepEqual(difference, { missing: [], surplus: [] });
      t.deepEqual(last, wanted);
    });
  }
}

const OTHER_DRIVER: PairedBackend = { name: 'rocksdb', open: rocksDB({ driver: 'rocksdb-js' }) };

for (const [after, title, code] of [
  ['memory', 'memory', 'OP-E408'],
  ['fs', 'fs', 'OP-E408'],
  [OTHER_DRIVER, 'another driver', 'OP-E585'],
] as const) {
  test.serial(`${title} refuses an incremental checkpoint of rocksdb`, async (t) => {
    const { cluster, change } = startRetained('rocksdb', after);
    await cluster.untilCheckpoint(3);
    cluster.cancel();
    t.is((await cluster.untilEnd()).kind, 'job-canceled');
    change();
    cluster.startFrom(newestCheckpoint(cluster), 2);
    const end = await cluster.untilEnd();
    t.is(end.kind === 'job-failed' ? end.code : end.kind, code);
  });
}

test.serial('another driver goes on from a savepoint of rocksdb', async (t) => {
  const pair = pairBackend('rocksdb', OTHER_DRIVER);
  const stopped = await stopWithSavepoint(pair);
  const { end, restored, difference } = await goOn(stopped, pair, stopped.savepoint, 3);
  t.is(end.kind, 'job-finished');
  t.deepEqual(restored, stopped.saved);
  t.deepEqual(difference, { missing: [], surplus: [] });
});

function newestCheckpoint(cluster: Cluster): string {
  const metadata = cluster
    .files(CHECKPOINT_DIRECTORY)
    .filter((path) => path.endsWith('/_metadata'));
  return present(metadata.at(-1), 'Cannot find the checkpoint').replace(/\/[^/]*$/, '');
}

function startRetained(before: BackendName, after: PairedBackend) {
  const { open, change } = pairBackend(before, after);
  const cluster = Cluster.start({
    backend: open,
    job: (env, { sink }) => {
      env.setMaxParallelism(8);
      env.getCheckpointConfig().setExternalizedCheckpointRetention('RETAIN_ON_CANCELLATION');
      countPerKey(numbers(env, { count: 400, recordsPerSecond: 100 })).sinkTo(sink());
    },
  });
  return { cluster, change };
}
