// Savepoints in another storage than the job's own, as whole jobs: encrypted ones are read with the
// keys that the job has or is given, clients with the settings that go with the place, and what
// cannot be read ends the job with an error that says what to do.

import test, { type ExecutionContext } from 'ava';

import type { Encryption } from '../../engine/checkpoint/encryption-keys.ts';
import type { RestorePlace } from '../../engine/checkpoint/restore-place.ts';
import type { ErrorCode } from '../../engine/core/errors.ts';
import type { BackendName } from '../backend-names.ts';
import { druidBackend } from '../cluster/backends/druid-backend.ts';
import { hdfsBackend } from '../cluster/backends/hdfs-backend.ts';
import { openBackend } from '../cluster/backends/open-backend.ts';
import { smallRocksDB } from '../cluster/backends/rocksdb-backend.ts';
import { Cluster } from '../support/cluster.ts';
import { countPerKey, numbers, wrongCount } from '../support/jobs.ts';
import { type PairedBackend, pairBackend } from '../support/pair-backend.ts';
import { goOn, stopWithSavepoint } from '../support/pair-run.ts';
import { protectedBackend } from '../support/protected-backend.ts';

const KEY = encryptionWith('k1', 1);
/** Longer than any client tries to reach its service. */
const PATIENCE_MS = 600_000;

/** A failure by its code, or 'exactly once'. */
type Outcome = ErrorCode | 'exactly once';

interface Case {
  readonly title: string;
  readonly before: PairedBackend;
  readonly after: PairedBackend;
  /** From the place as the pair names it. */
  readonly from?: (place: Exclude<RestorePlace, string>) => RestorePlace;
  readonly outcome: Outcome;
}

const ENCRYPTED: readonly Case[] = [
  ...(['s3', 'druid', 'hdfs'] as const).map(
    (name): Case => ({
      title: `an encrypted savepoint of ${name} is read with the keys of the job's own storage`,
      before: encrypted(name, KEY),
      after: encrypted('fs', KEY),
      outcome: 'exactly once',
    }),
  ),
  {
    title: 'one of druid is read with keys of its own, by a job of s3 that has none',
    before: encrypted('druid', KEY),
    after: 's3',
    from: (place) => ({ ...place, encryption: KEY }),
    outcome: 'exactly once',
  },
  {
    title: 'keys that go with the place come before those of the job',
    before: encrypted('s3', KEY),
    after: encrypted('rocksdb', encryptionWith('k2', 2)),
    from: (place) => ({ ...place, encryption: KEY }),
    outcome: 'exactly once',
  },
  {
    title: 'keys go with a plain directory too, though the job could read there itself',
    before: encrypted('fs', KEY),
    after: 'rocksdb',
    from: (place) => ({ ...place, encryption: KEY }),
    outcome: 'exactly once',
  },
  {
    title: 'a savepoint from before encryption is read where that is accepted',
    before: 's3',
    after: encrypted('fs', KEY),
    from: (place) => ({ ...place, encryption: { ...KEY, acceptUnencrypted: true } }),
    outcome: 'exactly once',
  },
  {
    title: 'a savepoint from before encryption is refused where it is not',
    before: 's3',
    after: encrypted('fs', KEY),
    outcome: 'OP-E573',
  },
  ...(['s3', 'druid'] as const).map(
    (name): Case => ({
      title: `an encrypted savepoint of ${name} is refused without keys`,
      before: encrypted(name, KEY),
      after: 'fs',
      outcome: 'OP-E574',
    }),
  ),
  {
    title: 'an encrypted savepoint is refused with another key of that name',
    before: encrypted('s3', KEY),
    after: encrypted('fs', encryptionWith('k1', 3)),
    outcome: 'OP-E572',
  },
  {
    title: 'an encrypted savepoint is refused with another key alone',
    before: encrypted('hdfs', KEY),
    after: encrypted('fs', encryptionWith('k2', 1)),
    outcome: 'OP-E571',
  },
];

const GUARDED: PairedBackend = { name: 'hdfs', open: hdfsBackend({ delegationToken: 'open' }) };
const PREFIXED: PairedBackend = {
  name: 'druid',
  open: druidBackend({ datasourcePrefix: 'other_' }),
};

const CLIENTS: readonly Case[] = [
  {
    title: 'HDFS is asked with the token that goes with the place',
    before: GUARDED,
    after: 'fs',
    from: ({ place }) => ({ place, webHdfs: { delegationToken: 'open' } }),
    outcome: 'exactly once',
  },
  {
    title: 'HDFS is asked with the token in the URL',
    before: GUARDED,
    after: 's3',
    from: ({ place }) => `${place}?delegation=open`,
    outcome: 'exactly once',
  },
  {
    title: 'a token that HDFS does not know is told',
    before: GUARDED,
    after: 'fs',
    from: ({ place }) => `${place}?delegation=shut`,
    outcome: 'OP-E580',
  },
  {
    title: 'Druid is asked for the datasources that go with the place',
    before: PREFIXED,
    after: 'fs',
    outcome: 'exactly once',
  },
  {
    title: 'Druid without its prefix has no such savepoint',
    before: PREFIXED,
    after: 'fs',
    from: ({ place }) => place,
    outcome: 'OP-E505',
  },
  {
    title: 'S3 denies what its key may not read',
    before: 's3',
    after: 'fs',
    from: ({ place, s3 }) => ({
      place,
      s3: { ...s3, credentials: { accessKeyId: 'simulated', secretAccessKey: 'wrong' } },
    }),
    outcome: 'OP-E580',
  },
  {
    title: 'S3 without credentials is told',
    before: 's3',
    after: 'fs',
    from: ({ place }) => place,
    outcome: 'OP-E551',
  },
  {
    title: 'a bucket that is not there is told',
    before: 's3',
    after: 'fs',
    from: (place) => ({ ...place, place: 's3://none/savepoint' }),
    outcome: 'OP-E553',
  },
];

for (const { title, ...run } of [...ENCRYPTED, ...CLIENTS]) {
  test.serial(title, (t) => goesOn(t, run));
}

async function goesOn(t: ExecutionContext, run: Omit<Case, 'title'>): Promise<void> {
  const { before, after, from = (place) => place, outcome } = run;
  const pair = pairBackend(before, after);
  const stopped = await stopWithSavepoint(pair);
  const committed = stopped.cluster.output().length;
  const place = from(pair.placeOf(stopped.savepoint));
  const { end, restored, difference } = await goOn(stopped, pair, place, 3);
  if (outcome === 'exactly once') {
    t.is(end.kind, 'job-finished');
    t.deepEqual(restored, stopped.saved);
    t.deepEqual(difference, { missing: [], surplus: [] });
  } else {
    t.is(end.kind === 'job-failed' ? end.code : end.kind, outcome);
    t.is(stopped.cluster.output().length, committed);
    const cause = end.kind === 'job-failed' ? end.cause : '';
    t.notRegex(cause, /delegation=|wrong/, 'No secret is told');
  }
}

const NOWHERE = 'http://nowhere:9000';
const UNREACHABLE: readonly (readonly [RestorePlace, ErrorCode])[] = [
  ['webhdfs://nowhere:9870/savepoints/one', 'OP-E580'],
  ['druid://nowhere:8888/savepoints/one', 'OP-E580'],
  [
    {
      place: 's3://bucket/savepoints/one',
      s3: { endpoint: NOWHERE, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
    },
    'OP-E580',
  ],
  ['file:///shared/savepoints/none', 'OP-E505'],
];

for (const [from, code] of UNREACHABLE) {
  const place = typeof from === 'string' ? from : from.place;
  test.serial(`a job that is to start from ${place} ends with ${code}`, async (t) => {
    const cluster = Cluster.start({
      job: (env, { sink }) => {
        countPerKey(numbers(env, { count: 40, recordsPerSecond: 100 })).sinkTo(sink());
      },
    });
    cluster.startFrom(from);
    const end = await cluster.untilEnd(PATIENCE_MS);
    t.is(end.kind === 'job-failed' ? end.code : end.kind, code);
    t.regex(end.kind === 'job-failed' ? end.cause : '', new RegExp(place.replace(/^.*\//, '')));
    t.deepEqual(cluster.output(), []);
  });
}

/** Checkpoints that share files, in a storage of its own. */
function sharing(name: BackendName): PairedBackend {
  return {
    name,
    open: (stage) => ({
      ...openBackend(name)(stage),
      stateBackend: () => smallRocksDB('heap'),
      hasLocalDisks: true,
    }),
  };
}

for (const [name, base] of [
  ['s3', 's3://checkpoints/jobs'],
  ['hdfs', 'webhdfs://nn-1:9870,nn-2:9870'],
] as const) {
  test.serial(`a retained incremental checkpoint in ${name} is read from there`, async (t) => {
    const { open, change, placeOf } = pairBackend(sharing(name), 'rocksdb');
    const count = 400;
    const cluster = Cluster.start({
      backend: open,
      job: (env, { sink }) => {
        env.setMaxParallelism(8);
        env.getCheckpointConfig().setExternalizedCheckpointRetention('RETAIN_ON_CANCELLATION');
        env.getCheckpointConfig().setDataInlineThreshold(0);
        countPerKey(numbers(env, { count, recordsPerSecond: 100 })).sinkTo(sink());
      },
    });
    await cluster.untilCheckpoint(3);
    cluster.cancel();
    t.is((await cluster.untilEnd()).kind, 'job-canceled');
    const paths = [...(await cluster.artefacts()).keys()];
    t.true(paths.some((path) => path.includes('/shared/')));
    const newest = paths.filter((path) => path.endsWith('/_metadata')).at(-1) ?? '';
    change();
    cluster.startFrom(placeOf(`${base}${newest.replace('/_metadata', '')}`), 3);
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(cluster.restoredFrom(), Number(/chk-(\d+)/.exec(newest)?.[1]));
    t.is(wrongCount(cluster.output(), count), undefined);
  });
}

function encrypted(name: BackendName, encryption: Encryption): PairedBackend {
  const open = protectedBackend(openBackend(name), { encryption, isMirrored: false });
  return { name, open };
}

function encryptionWith(id: string, fill: number): Encryption {
  return { key: () => ({ id, bytes: new Uint8Array(32).fill(fill) }) };
}
