// Canonical savepoints: what one backend has stored, every other goes on from, with the same output
// and the same state. Files of a store are no savepoint. Only backends that keep savepoints in the
// volume that all of them share.

import test from 'ava';

import { CollectionSource } from '../../engine/connector/collection-source.ts';
import { present } from '../../engine/core/assert.ts';
import { SeededRandom } from '../../simulator/index.ts';
import type { BackendName } from '../backend-names.ts';
import { compareMultisets } from '../checkers/multiset.ts';
import { CHECKPOINT_DIRECTORY } from '../cluster/places.ts';
import { equalityScenarios } from '../suites/equality.ts';
import { Cluster } from '../support/cluster.ts';
import { pairBackend } from '../support/pair-backend.ts';

const BACKENDS: readonly BackendName[] = ['memory', 'fs', 'rocksdb'];
const scenario = present(equalityScenarios[0], 'Cannot find the job with every kind of state');
const random = new SeededRandom('00000000c0ffee00');
const records = Array.from({ length: 120 }, (_, index) =>
  scenario.workload.generate(index, random),
);

for (const before of BACKENDS) {
  for (const after of BACKENDS) {
    // Up, down and as it was, on some pair each.
    const parallelism = 1 + ((BACKENDS.indexOf(before) * 2 + BACKENDS.indexOf(after)) % 3);
    test.serial(
      `${after} goes on from a savepoint of ${before}, with ${parallelism}`,
      async (t) => {
        const { cluster, change } = start(before, after);
        await cluster.untilCheckpoint(2);
        const savepoint = await cluster.savepoint('suspend');
        t.is((await cluster.untilEnd()).kind, 'job-finished');
        const saved = lastDigests(cluster, 'keyed-state-snapshotted');
        t.true(saved.size > 0);
        const committed = cluster.output().length;
        t.true(committed > 0 && scenario.settle(cluster.output()).length < expected().length);
        change();
        submitAnew(cluster, savepoint, parallelism);
        t.is((await cluster.untilEnd()).kind, 'job-finished');
        if (parallelism === 2) {
          t.deepEqual(lastDigests(cluster, 'keyed-state-restored'), saved);
        }
        const { missing, surplus } = compareMultisets(
          expected(),
          scenario.settle(cluster.output()),
        );
        t.deepEqual([missing, surplus], [[], []]);
        const wanted = await uninterrupted(parallelism);
        t.deepEqual(lastDigests(cluster, 'keyed-state-snapshotted'), wanted);
      },
    );
  }
}

for (const after of ['memory', 'fs'] as const) {
  test.serial(`${after} refuses an incremental checkpoint of rocksdb`, async (t) => {
    const { cluster, change } = start('rocksdb', after, 'RETAIN_ON_CANCELLATION');
    await cluster.untilCheckpoint(3);
    cluster.cancel();
    t.is((await cluster.untilEnd()).kind, 'job-canceled');
    const metadata = cluster
      .files(CHECKPOINT_DIRECTORY)
      .filter((path) => path.endsWith('/_metadata'));
    const directory = present(metadata.at(-1), 'Cannot find the checkpoint').replace(
      /\/[^/]*$/,
      '',
    );
    change();
    submitAnew(cluster, directory, 2);
    const end = await cluster.untilEnd();
    t.is(end.kind === 'job-failed' ? end.code : end.kind, 'OP-E408');
  });
}

function start(
  before: BackendName,
  after: BackendName,
  retention?: 'RETAIN_ON_CANCELLATION',
): { readonly cluster: Cluster; readonly change: () => void } {
  const { open, change } = pairBackend(before, after);
  const cluster = Cluster.start({
    backend: open,
    job: (env, { sink }) => {
      env.setMaxParallelism(8);
      const config = env.getCheckpointConfig();
      if (retention !== undefined) config.setExternalizedCheckpointRetention(retention);
      const { recordsPerSecond } = scenario.workload;
      scenario.job({
        env,
        source: () =>
          env
            .fromSource(
              new CollectionSource({
                elements: records,
                name: 'visits',
                splits: 4,
                recordsPerSecond,
              }),
            )
            .uid('visits'),
        sink: () => sink(),
      });
    },
  });
  return { cluster, change };
}

/** Another job is for new TaskManagers: those of the old one write into its directories. */
function submitAnew(cluster: Cluster, from: string, parallelism: number): void {
  cluster.startFrom(from, parallelism);
  for (const host of ['tm-1', 'tm-2']) cluster.kill(host);
}

function expected(): readonly unknown[] {
  return scenario.model(records);
}

/** What the state is in the end if nothing stops the job, on the heap. */
async function uninterrupted(parallelism: number): Promise<ReadonlyMap<string, string>> {
  const { cluster } = start('memory', 'memory');
  cluster.resume(parallelism);
  await cluster.untilEnd();
  return lastDigests(cluster, 'keyed-state-snapshotted');
}

function lastDigests(
  cluster: Cluster,
  kind: 'keyed-state-snapshotted' | 'keyed-state-restored',
): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  for (const event of cluster.allEvents()) {
    if (event.kind !== kind) continue;
    const { operator, subtask, parallelism, digest } = event;
    digests.set(`${operator}/${subtask} of ${parallelism}`, digest);
  }
  return new Map([...digests].sort(([left], [right]) => (left < right ? -1 : 1)));
}
