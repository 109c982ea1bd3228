// The contract on RocksDB itself, through each driver that is installed here. What needs no store
// of its own to be seen, times to live and random sequences, is left to the stores in memory.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test from 'ava';

import type { DeclareCheck } from '../../conformance/checks.ts';

import { describeError } from '../../core/errors.ts';
import { NodeFileSystem } from '../../environment/node/node-filesystem.ts';
import { NodeKeyValueStores } from '../../environment/node/node-key-value-stores.ts';
import { stateKindsContract } from '../state-kinds.contract.ts';
import { stateSnapshotsContract } from '../state-snapshots.contract.ts';
import { stateTimersContract } from '../state-timers.contract.ts';
import type { KeyedStateBackend } from '../state-backend.ts';
import type { CreateBackend } from '../testing/state-world.ts';
import type { RocksDBOptions } from './rocksdb-options.ts';
import { RocksDBStateBackend } from './rocksdb-state-backend.ts';

const root = await mkdtemp(join(tmpdir(), 'onceproof-rocksdb-'));
const filesystem = new NodeFileSystem(root);
const stores = new NodeKeyValueStores(root);
const opened: KeyedStateBackend[] = [];
let attempts = 0;

// All reasons first: once a test is declared, the others have to follow in one go.
const reasons = new Map<string, string | undefined>();
for (const driver of ['rocksdb-native', 'rocksdb-js']) {
  reasons.set(driver, await reasonToSkip(driver));
}
for (const [driver, reason] of reasons) {
  if (reason === undefined) {
    for (const incremental of [true, false]) contract(driver, incremental);
    timersContract(driver);
  } else process.stderr.write(`${driver} cannot be tested here: ${reason}\n`);
}

test.after.always('close all stores', async () => {
  for (const backend of opened) await backend.dispose();
  await rm(root, { recursive: true });
});

function creating(options: RocksDBOptions): CreateBackend {
  const backend = new RocksDBStateBackend(options);
  return async (each) => {
    const directory = `/attempt-${attempts++}`;
    const local = { filesystem, stores, directory };
    const created = await backend.createKeyedStateBackend({ ...each, local });
    opened.push(created);
    return created;
  };
}

function contract(driver: string, incremental: boolean): void {
  const create = creating({ driver, incremental, writeBufferBytes: 65_536, cacheBytes: 4_096 });
  const name = `${driver}, ${incremental ? 'incremental' : 'full'}`;
  const declare: DeclareCheck = (title, body) => test(title, (t) => body(t));
  if (incremental) stateKindsContract(declare, name, create);
  if (incremental) stateTimersContract(declare, name, create);
  stateSnapshotsContract(declare, name, create);
}

/** With hardly any of them in memory. */
function timersContract(driver: string): void {
  const create = creating({
    driver,
    incremental: true,
    timerService: 'rocksdb',
    timerCacheSize: 8,
  });
  const declare: DeclareCheck = (title, body) => test(title, (t) => body(t));
  stateTimersContract(declare, `${driver}, timers in RocksDB`, create);
}

async function reasonToSkip(driver: string): Promise<string | undefined> {
  try {
    await (await stores.open({ directory: `/probe-${driver}`, driver })).close();
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}
