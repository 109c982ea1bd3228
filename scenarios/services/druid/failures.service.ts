// Checkpoints in a real Druid whose processes are killed: while one is being published, and while
// one is being read. A cluster of its own, so that no other test suffers.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { DruidJob } from '../../../engine/checkpoint/druid/testing/druid-job.ts';
import { nodeEnvironment } from '../../../engine/environment/node/node-environment.ts';
import { fateAfterAWhile } from '../fate.ts';
import { killAndCompare } from '../flights.contract.ts';
import { cacheDirectory } from '../tools.ts';
import { DruidCluster } from './druid-cluster.ts';

/** The Coordinator, with the Overlord in it, takes up to a minute to be back on a slow machine. */
const RETRY_MS = 120_000;
const STATE_BYTES = 200_000;

let directory: string | undefined;
let shared: DruidCluster | undefined;

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'onceproof-druid-'));
  shared = await DruidCluster.start({ directory, cache: cacheDirectory() });
});

test.after.always(async () => {
  await shared?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

function clusterOf(): DruidCluster {
  if (shared === undefined) throw new Error('Druid has not started');
  return shared;
}

function newJob(): DruidJob {
  return new DruidJob({
    environment: nodeEnvironment(),
    options: { url: clusterOf().url, retryForMs: RETRY_MS },
    settle: (promise) => promise,
  });
}

function bytesOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + seed) % 251);
}

test.serial('a publication outlives the Overlord that took its task', async (t) => {
  const cluster = clusterOf();
  const job = newJob();
  const handle = await job.stage(1, bytesOf(STATE_BYTES, 1));
  const publishing = job.publish(1, { keyed: [handle] });
  await cluster.kill('coordinator');
  t.is(await fateAfterAWhile(publishing), 'pending');
  await cluster.restart('coordinator');
  const pointer = await publishing;
  t.deepEqual(await job.readMetadata(pointer), job.metadata(1, { keyed: [handle] }));
  t.true(Buffer.from(await job.read(handle)).equals(bytesOf(STATE_BYTES, 1)));
  t.deepEqual(await job.checkpoints(), [1]);
});

test.serial('a checkpoint is read once the Historical that served it is back', async (t) => {
  const cluster = clusterOf();
  const job = newJob();
  const handle = await job.stage(1, bytesOf(STATE_BYTES, 2));
  await job.publish(1, { keyed: [handle] });
  t.true(Buffer.from(await job.read(handle)).equals(bytesOf(STATE_BYTES, 2)));
  await cluster.kill('historical');
  const reading = job.read(handle);
  t.is(await fateAfterAWhile(reading), 'pending');
  await cluster.restart('historical');
  t.true(Buffer.from(await reading).equals(bytesOf(STATE_BYTES, 2)));
});

test.serial('a checkpoint whose task died with the Indexer is whole or not there', async (t) => {
  const cluster = clusterOf();
  const job = newJob();
  const handle = await job.stage(1, bytesOf(STATE_BYTES, 3));
  await job.publish(1, { keyed: [handle] });
  const writing = job.stage(2, bytesOf(STATE_BYTES, 4));
  const fate = writing.then(
    (staged) => staged,
    () => undefined,
  );
  await cluster.kill('indexer');
  t.is(await fateAfterAWhile(writing), 'pending');
  await cluster.restart('indexer');
  const staged = await fate;
  t.log(staged === undefined ? 'refused' : 'written');
  t.deepEqual(await job.checkpoints(), [1]);
  const again = staged ?? (await job.stage(2, bytesOf(STATE_BYTES, 4)));
  await job.publish(2, { keyed: [again] });
  t.true(Buffer.from(await job.read(again)).equals(bytesOf(STATE_BYTES, 4)));
  t.deepEqual(await job.checkpoints(), [1, 2]);
});

test.serial(
  'the flights are committed exactly once across a restart of the Overlord',
  async (t) => {
    const cluster = clusterOf();
    const settings = {
      checkpointStorage: cluster.url,
      checkpointIntervalMs: 1_000,
      recordsPerSecond: 500,
    };
    const running = killAndCompare(t, { seed: 'druid', kills: 1, settings });
    t.is(await fateAfterAWhile(running), 'pending');
    await cluster.kill('coordinator');
    t.is(await fateAfterAWhile(running), 'pending');
    await cluster.restart('coordinator');
    await running;
  },
);
