// The integrity matrix of encrypted artefacts, and keys that are lost, exchanged or replaced while
// a job is down: what cannot be opened is refused, and never taken for damage.

import test from 'ava';

import type { Encryption, EncryptionKey } from '../../engine/checkpoint/encryption-keys.ts';
import { openFs } from '../cluster/backends/directory-backends.ts';
import { openDruid } from '../cluster/backends/druid-backend.ts';
import type { OpenBackend } from '../cluster/backends/backend-profile.ts';
import { artefactTarget, metadataTarget } from '../support/damage.ts';
import { Cluster } from '../support/cluster.ts';
import { protectedBackend } from '../support/protected-backend.ts';
import { type Counted, countPerKey, numbers, wrongCount } from '../support/jobs.ts';
import { fileKind, integrityMatrix } from './integrity.contract.ts';

const COUNT = 120;

function keyOf(id: string, fill: number): EncryptionKey {
  return { id, bytes: new Uint8Array(32).fill(fill) };
}

integrityMatrix('encrypted', {
  backend: openFs,
  inlineBelowBytes: 16,
  hasReplica: true,
  encryption: { key: () => keyOf('k1', 1) },
  kinds: [
    fileKind('metadata', metadataTarget),
    fileKind('keyed state file', (stored) =>
      artefactTarget(stored, ({ role }) => role === 'keyed-state'),
    ),
  ],
});

interface Started {
  readonly allowFallback?: boolean;
  readonly backend?: OpenBackend;
  readonly recordsPerSecond?: number;
}

/** A job whose keys may change while it is down. */
function started(encryption: Encryption, options: Started = {}): Cluster {
  const { allowFallback = false, backend = openFs, recordsPerSecond = 100 } = options;
  return Cluster.start({
    backend: protectedBackend(backend, { encryption, isMirrored: false }),
    allowFallback,
    job: (env, tools) => {
      env.getCheckpointConfig().setRetainedCheckpoints(2).setDataInlineThreshold(16);
      countPerKey(numbers(env, { count: COUNT, recordsPerSecond })).sinkTo(tools.sink());
    },
  });
}

const LOST: readonly (readonly [string, string, EncryptionKey])[] = [
  ['a key that is lost', 'OP-E571', keyOf('k2', 2)],
  ['another key under the same id', 'OP-E572', keyOf('k1', 2)],
];

for (const [what, code, after] of LOST) {
  for (const allowFallback of [false, true]) {
    const allowed = allowFallback ? ', also where falling back is allowed' : '';
    test.serial(`${what} stops the job, and it says why${allowed}`, async (t) => {
      let key = keyOf('k1', 1);
      const cluster = started({ key: () => key }, { allowFallback });
      await cluster.untilCheckpoint(3);
      await cluster.losePower(async () => {
        key = after;
      });
      const end = await cluster.untilEnd();
      t.is(end.kind === 'job-failed' ? end.code : end.kind, code);
    });
  }
}

test.serial('a key that is replaced by a new one, and still known, is no trouble', async (t) => {
  const known = new Map([['k1', keyOf('k1', 1).bytes]]);
  let current = keyOf('k1', 1);
  const cluster = started({ key: { current: () => current, byId: (id) => known.get(id) } });
  await cluster.untilCheckpoint(2);
  known.set('k2', keyOf('k2', 2).bytes);
  current = keyOf('k2', 2);
  await cluster.untilCheckpointsMore(2);
  cluster.crash('jm');
  cluster.crash(cluster.aWorker(), 100);
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.true((cluster.restoredFrom() ?? 0) > 2);
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial(
  'a key provider that fails lets no checkpoint complete, and the job go on',
  async (t) => {
    let isSealed = false;
    const key = (): EncryptionKey => {
      if (isSealed) throw new Error('the vault is sealed');
      return keyOf('k1', 1);
    };
    const cluster = started({ key });
    await cluster.untilCheckpoint(2);
    isSealed = true;
    await cluster.untilEvent('checkpoint-aborted', 2);
    const completed = cluster.events('checkpoint-completed').length;
    isSealed = false;
    await cluster.untilCheckpointsMore(1);
    t.true(cluster.events('checkpoint-completed').length > completed);
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(cluster.events('job-failing').length, 0);
    t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
  },
);

const IN_DRUID = { backend: openDruid, recordsPerSecond: 15 };

test.serial(
  'a job whose checkpoints are encrypted rows goes on after a loss of power',
  async (t) => {
    const cluster = started({ key: () => keyOf('k1', 1) }, IN_DRUID);
    await cluster.untilCheckpoint(2);
    await cluster.losePower(async () => {});
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.true((cluster.restoredFrom() ?? 0) >= 2);
    t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
  },
);

test.serial('a key that is lost stops a job whose checkpoints are encrypted rows', async (t) => {
  let key = keyOf('k1', 1);
  const cluster = started({ key: () => key }, { ...IN_DRUID, allowFallback: true });
  await cluster.untilCheckpoint(2);
  await cluster.losePower(async () => {
    key = keyOf('k2', 2);
  });
  const end = await cluster.untilEnd();
  t.is(end.kind === 'job-failed' ? end.code : end.kind, 'OP-E571');
});

test.serial('without encryption, encrypted rows are refused as encrypted', async (t) => {
  const encryption = { key: () => keyOf('k1', 1) };
  let isEncrypted = true;
  const switching: OpenBackend = (stage) => {
    const plain = openDruid(stage);
    const present = plain.checkpointStorage;
    const sealed = protectedBackend(() => plain, { encryption, isMirrored: false })(stage);
    if (present === undefined || sealed.checkpointStorage === undefined) return plain;
    const secured = sealed.checkpointStorage;
    return {
      ...plain,
      checkpointStorage: {
        description: present.description,
        open: (context) => (isEncrypted ? secured : present).open(context),
      },
    };
  };
  const cluster = Cluster.start({
    backend: switching,
    allowFallback: true,
    job: (env, tools) => {
      countPerKey(numbers(env, { count: COUNT, recordsPerSecond: 15 })).sinkTo(tools.sink());
    },
  });
  await cluster.untilCheckpoint(2);
  await cluster.losePower(async () => {
    isEncrypted = false;
  });
  const end = await cluster.untilEnd();
  t.is(end.kind === 'job-failed' ? end.code : end.kind, 'OP-E574');
});
