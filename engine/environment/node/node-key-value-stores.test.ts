// Both RocksDB drivers against the contract of the seam, and how a driver is chosen.

import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test, { type ExecutionContext } from 'ava';

import { OnceproofError } from '../../core/errors.ts';
import { keyValueStoreContract, type StoresUnderTest } from '../key-value-store.contract.ts';
import { put } from '../key-value-vocabulary.contract.ts';
import { bytesOf } from '../vocabulary.contract.ts';
import { NodeFileSystem } from './node-filesystem.ts';
import { NodeKeyValueStores } from './node-key-value-stores.ts';

const SMALL_BUFFER_BYTES = 64 * 1024;

for (const driver of ['rocksdb-native', 'rocksdb-js']) {
  const reason = await reasonToSkip(driver);
  if (reason === undefined) {
    keyValueStoreContract(driver, (t) => openTemporary(t, driver), 25);
    linkTest(driver);
    if (driver === 'rocksdb-js') pendingWritesTest();
  } else process.stderr.write(`${driver} cannot be tested here: ${reason}\n`);
}

function pendingWritesTest(): void {
  test('rocksdb-js: writes during a checkpoint are read at once', async (t) => {
    const root = await temporaryDirectory(t);
    const stores = new NodeKeyValueStores(root);
    const store = await stores.open({ directory: '/store', driver: 'rocksdb-js' });
    t.teardown(() => store.close());
    await store.write(['a', 'b', 'c', 'd'].map((key) => put(key, '1')));
    const taking = store.checkpoint('/chk');
    store.synchronous?.write([put('a', '2'), { key: bytesOf('b'), value: undefined }]);
    store.synchronous?.write([put('c\0', '2')]);
    const text = (limit: number) =>
      store.synchronous
        ?.scan({ from: bytesOf('a'), to: undefined, limit })
        .map(({ key, value }) => `${String.fromCharCode(...key)}${String.fromCharCode(...value)}`);
    t.deepEqual(text(9), ['a2', 'c1', 'c\x002', 'd1']);
    t.deepEqual(text(2), ['a2', 'c1']);
    await taking;
    t.deepEqual(text(9), ['a2', 'c1', 'c\x002', 'd1']);
  });
}

function linkTest(driver: string): void {
  test(`${driver}: a checkpoint's tables are hard links`, async (t) => {
    const root = await temporaryDirectory(t);
    const store = await new NodeKeyValueStores(root).open({ directory: '/disk/store', driver });
    t.teardown(() => store.close());
    await store.write([put('a', '1')]);
    const { immutable } = await store.checkpoint('/disk/chk');
    t.true(immutable.length > 0);
    for (const name of immutable) t.is(statSync(join(root, 'disk/chk', name)).nlink, 2);
  });
}

test('a store lies below the root of its environment', async (t) => {
  const root = await temporaryDirectory(t);
  const store = await new NodeKeyValueStores(root).open({ directory: '/a/b' });
  await store.close();
  t.true(existsSync(join(root, 'a/b/CURRENT')));
  await t.throwsAsync(new NodeKeyValueStores(root).open({ directory: 'a' }), { message: /EINVAL/ });
});

test('without a driver named, the first that can be loaded is taken', async (t) => {
  const asked: string[] = [];
  const stores = new NodeKeyValueStores(await temporaryDirectory(t), async (name) => {
    asked.push(name);
    if (name !== 'rocksdb-native') return import(name);
    throw new Error('Cannot find package');
  });
  const isThere = (await reasonToSkip('rocksdb-js')) === undefined;
  const opening = stores.open({ directory: '/store' });
  if (isThere) await (await opening).close();
  else await t.throwsAsync(opening, { instanceOf: OnceproofError });
  t.deepEqual(asked, ['rocksdb-native', '@harperfast/rocksdb-js-linux-x64-glibc']);
});

test('a missing driver is OP-E330 with the command that installs it', async (t) => {
  const stores = new NodeKeyValueStores(await temporaryDirectory(t), async (name) => {
    throw new Error(`Cannot find package '${name}'`);
  });
  const missing = await t.throwsAsync(stores.open({ directory: '/store' }), {
    instanceOf: OnceproofError,
  });
  t.is(missing?.code, 'OP-E330');
  t.is(missing?.remedy, 'Run npm install rocksdb-native');
  t.regex(missing?.message ?? '', /Cannot find package 'rocksdb-native'/);
  const other = await t.throwsAsync(stores.open({ directory: '/store', driver: 'rocksdb-js' }), {
    instanceOf: OnceproofError,
  });
  t.is(other?.remedy, 'Run npm install @harperfast/rocksdb-js-linux-x64-glibc');
  const unknown = await t.throwsAsync(stores.open({ directory: '/store', driver: 'leveldb' }), {
    instanceOf: OnceproofError,
  });
  t.is(unknown?.code, 'OP-E330');
  t.regex(unknown?.remedy ?? '', /"rocksdb-native", "rocksdb-js"/);
});

test('a package with another interface is refused, not called', async (t) => {
  const stores = new NodeKeyValueStores(await temporaryDirectory(t), async () => ({ default: {} }));
  await t.throwsAsync(stores.open({ directory: '/store' }), { message: /unknown interface/ });
});

async function openTemporary(t: ExecutionContext, driver: string): Promise<StoresUnderTest> {
  const root = await temporaryDirectory(t);
  return {
    stores: new NodeKeyValueStores(root),
    filesystem: new NodeFileSystem(root),
    options: { driver, writeBufferBytes: SMALL_BUFFER_BYTES },
  };
}

async function temporaryDirectory(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'onceproof-stores-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The second driver's package is there for one platform only. */
async function reasonToSkip(driver: string): Promise<string | undefined> {
  const packages = new Map([
    ['rocksdb-native', 'rocksdb-native'],
    ['rocksdb-js', '@harperfast/rocksdb-js-linux-x64-glibc'],
  ]);
  try {
    await import(packages.get(driver) ?? driver);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
