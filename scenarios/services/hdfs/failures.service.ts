// The WebHDFS client against a real HDFS that fails: the active NameNode is killed, the cluster is
// in safe mode, the DataNode is killed. A cluster of its own, so that no other test suffers.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ArtefactStore } from '../../../engine/checkpoint/artefact-store.ts';
import { WebHdfsArtefactStore } from '../../../engine/checkpoint/hdfs/web-hdfs-artefact-store.ts';
import { parseWebHdfsPlace } from '../../../engine/checkpoint/hdfs/web-hdfs-place.ts';
import { nodeEnvironment } from '../../../engine/environment/node/node-environment.ts';
import { fateAfterAWhile } from '../fate.ts';
import { killAndCompare } from '../flights.contract.ts';
import { cacheDirectory } from '../tools.ts';
import { HdfsCluster } from './hdfs-cluster.ts';

const LARGE_BYTES = 4_000_000;

let directory: string | undefined;
let shared: HdfsCluster | undefined;

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'onceproof-hdfs-'));
  shared = await HdfsCluster.start({ directory, cache: cacheDirectory() });
});

test.after.always(async () => {
  await shared?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

function clusterOf(): HdfsCluster {
  if (shared === undefined) throw new Error('HDFS has not started');
  return shared;
}

async function openStore(root: string): Promise<ArtefactStore> {
  const { nameNodes } = parseWebHdfsPlace(clusterOf().url);
  const store = new WebHdfsArtefactStore(nodeEnvironment(), { nameNodes, user: 'onceproof' });
  await store.makeDirectory(root);
  return store;
}

/** Byte by byte, which t.deepEqual() takes a minute for. */
async function holds(store: ArtefactStore, path: string, ...parts: Uint8Array[]): Promise<boolean> {
  return Buffer.concat(parts).equals(await store.read(path));
}

function bytesOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + seed) % 251);
}

test.serial('reads go on in safe mode, and a publication waits for its end', async (t) => {
  const cluster = clusterOf();
  const store = await openStore('/safe');
  await store.publish('/safe/before', bytesOf(10, 1), 'a');
  await cluster.setSafeMode(true);
  t.teardown(() => cluster.setSafeMode(false));
  const publishing = store.publish('/safe/after', bytesOf(10, 2), 'a');
  t.is(await fateAfterAWhile(publishing), 'pending');
  t.true(await holds(store, '/safe/before', bytesOf(10, 1)));
  t.is(await store.status('/safe/after'), undefined);
  await cluster.setSafeMode(false);
  await publishing;
  t.true(await holds(store, '/safe/after', bytesOf(10, 2)));
  t.deepEqual(await store.list('/safe'), ['after', 'before']);
});

test.serial('a publication outlives the NameNode that it began with', async (t) => {
  const cluster = clusterOf();
  const store = await openStore('/failover');
  await store.publish('/failover/before', bytesOf(LARGE_BYTES, 1), 'a');
  const writer = await store.create('/failover/written');
  await writer.write(bytesOf(LARGE_BYTES, 3));
  await cluster.kill('nn1');
  const publishing = store.publish('/failover/after', bytesOf(10, 2), 'a');
  t.is(await fateAfterAWhile(publishing), 'pending');
  await cluster.makeActive('nn2');
  await publishing;
  await writer.close();
  t.true(await holds(store, '/failover/before', bytesOf(LARGE_BYTES, 1)));
  t.true(await holds(store, '/failover/after', bytesOf(10, 2)));
  t.true(await holds(store, '/failover/written', bytesOf(LARGE_BYTES, 3)));
  t.deepEqual(await store.list('/failover'), ['after', 'before', 'written']);
  await cluster.restart('nn1');
});

test.serial('an artefact whose DataNode was killed is whole or not there', async (t) => {
  const cluster = clusterOf();
  const store = await openStore('/data');
  const writer = await store.create('/data/a');
  await writer.write(bytesOf(LARGE_BYTES, 1));
  await cluster.kill('datanode');
  const writing = writer.write(bytesOf(LARGE_BYTES, 2)).then(() => writer.close());
  const fate = writing.then(
    () => 'whole' as const,
    () => 'failed' as const,
  );
  t.is(await fateAfterAWhile(writing), 'pending');
  await cluster.restart('datanode');
  const outcome = await fate;
  t.log(outcome);
  if (outcome === 'failed') {
    t.is(await store.status('/data/a'), undefined);
    await writer.abort();
    const again = await store.create('/data/a');
    await again.write(bytesOf(LARGE_BYTES, 1));
    await again.write(bytesOf(LARGE_BYTES, 2));
    await again.close();
  }
  t.true(await holds(store, '/data/a', bytesOf(LARGE_BYTES, 1), bytesOf(LARGE_BYTES, 2)));
  t.deepEqual(await store.list('/data'), ['a']);
});

test.serial('a NameNode that still looks for its blocks is waited for', async (t) => {
  const cluster = clusterOf();
  const store = await openStore('/restart');
  await store.publish('/restart/before', bytesOf(LARGE_BYTES, 1), 'a');
  for (const role of ['nn1', 'nn2', 'datanode'] as const) await cluster.kill(role);
  await cluster.restart('nn1');
  await cluster.makeActive('nn1');
  const publishing = store.publish('/restart/after', bytesOf(10, 2), 'a');
  t.is(await fateAfterAWhile(publishing), 'pending');
  await cluster.restart('nn2');
  await cluster.restart('datanode');
  await publishing;
  t.true(await holds(store, '/restart/before', bytesOf(LARGE_BYTES, 1)));
  t.true(await holds(store, '/restart/after', bytesOf(10, 2)));
});

test.serial('the flights are committed exactly once across a failover of HDFS', async (t) => {
  const cluster = clusterOf();
  const checkpointStorage = `${cluster.url}/flights?user.name=onceproof`;
  const settings = { checkpointStorage, recordsPerSecond: 1_500 };
  const running = killAndCompare(t, { seed: 'hdfs', kills: 1, settings });
  t.is(await fateAfterAWhile(running), 'pending');
  await cluster.kill('nn1');
  await cluster.makeActive('nn2');
  await cluster.kill('datanode');
  t.is(await fateAfterAWhile(running), 'pending');
  await cluster.restart('datanode');
  await running;
});
