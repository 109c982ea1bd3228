// The part of the KeyValueStore contract about checkpoints: what they hold, which of their files
// they share, and that nothing done later shows in them.

import test, { type ExecutionContext } from 'ava';

import { type FileSystem, FileSystemError } from './filesystem.ts';
import type { KeyValueCheckpoint } from './key-value-store.ts';
import { fill, type OpenStores, StoreBench } from './key-value-bench.contract.ts';
import { contents, del, get, put } from './key-value-vocabulary.contract.ts';
import { bytesOf, fails } from './vocabulary.contract.ts';

export function checkpointContract(name: string, open: OpenStores): void {
  test(`${name}: a checkpoint has what was written before it, awaited or not`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    const calls = [
      store.write([put('a', '1'), put('b', '1')]),
      store.checkpoint('/disk/chk/1'),
      store.write([put('a', '2'), del('b'), put('c', '2')]),
      store.checkpoint('/disk/chk/2'),
      store.write([put('a', '3')]),
      store.checkpoint('/disk/chk/3'),
      store.write([del('a'), del('c')]),
    ];
    t.deepEqual(await contents(store), []);
    await Promise.all(calls);
    t.deepEqual(await contents(store), []);
    t.deepEqual(await contents(await bench.open('/disk/chk/1', true)), ['a=1', 'b=1']);
    t.deepEqual(await contents(await bench.open('/disk/chk/2', true)), ['a=2', 'c=2']);
    t.deepEqual(await contents(await bench.open('/disk/chk/3', true)), ['a=3', 'c=2']);
  });

  test(`${name}: later writes and close() change no checkpoint`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    await fill(store, 'before');
    const expected = await contents(store);
    const taken = await store.checkpoint('/disk/chk');
    const bytes = await bytesOfAll(bench.filesystem, '/disk/chk', taken);
    await fill(store, 'after');
    await fill(store, 'later');
    t.deepEqual(await contents(await bench.open('/disk/chk', true)), expected);
    await store.close();
    t.deepEqual(await bytesOfAll(bench.filesystem, '/disk/chk', taken), bytes);
    t.deepEqual(await contents(await bench.open('/disk/chk', true)), expected);
  });

  test(`${name}: its files are all there is in its directory, and are enough`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    await fill(store, 'before');
    await store.write([put('large', 'x'.repeat(50_000))]);
    const { immutable, other } = await store.checkpoint('/disk/chk');
    const names = [...immutable, ...other];
    t.deepEqual(await bench.filesystem.list('/disk/chk'), [...names].sort());
    t.true(immutable.length > 0);
    await copy(bench.filesystem, names, '/elsewhere/copy');
    await store.close();
    const copied = await bench.open('/elsewhere/copy');
    t.is((await contents(copied)).length, 4_001);
    t.is((await get(copied, 'large'))[0], 'x'.repeat(50_000));
    await copied.write([put('new', '1')]);
    t.is((await contents(copied)).length, 4_002);
  });

  test(`${name}: an immutable file keeps name and bytes in every checkpoint`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    const seen = new Map<string, string>();
    let sharedCount = 0;
    for (let round = 1; round <= 8; round++) {
      await fill(store, `round ${round}`, round % 3 === 1 ? 2_000 : 20);
      const directory = `/disk/chk-${round}`;
      const taken = await store.checkpoint(directory);
      for (const [file, bytes] of await bytesOfAll(bench.filesystem, directory, taken)) {
        if (!taken.immutable.includes(file)) continue;
        sharedCount += seen.has(file) ? 1 : 0;
        t.is(seen.get(file) ?? bytes, bytes, file);
        seen.set(file, bytes);
      }
    }
    t.true(sharedCount > 0, 'no checkpoint shares a file with an earlier one');
  });

  test(`${name}: a store made from a checkpoint leaves its tables alone`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    await fill(store, 'before');
    const { immutable, other } = await store.checkpoint('/disk/chk');
    await bench.filesystem.makeDirectory('/disk/restored');
    for (const file of immutable) {
      await bench.filesystem.link(`/disk/chk/${file}`, `/disk/restored/${file}`);
    }
    await copy(bench.filesystem, other, '/disk/restored');
    const before = await bytesOfAll(bench.filesystem, '/disk/chk', { immutable, other });
    const restored = await bench.open('/disk/restored');
    await Promise.all([fill(restored, 'restored'), fill(store, 'original', 1_000)]);
    const [inOriginal, inRestored] = [await contents(store), await contents(restored)];
    t.true(inOriginal[0]?.includes('original'));
    t.true(inOriginal[1_000]?.includes('before'));
    t.true(inRestored.every((entry) => entry.includes('restored')));
    t.deepEqual(await bytesOfAll(bench.filesystem, '/disk/chk', { immutable, other }), before);
    await restored.checkpoint('/disk/chk-restored');
    t.deepEqual(await contents(await bench.open('/disk/chk-restored', true)), inRestored);
  });

  test(`${name}: what is there already is no place for a checkpoint`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    await store.write([put('a', '1')]);
    await bench.filesystem.makeDirectory('/disk/empty');
    await bench.filesystem.write('/disk/file', bytesOf('x'));
    await store.checkpoint('/disk/chk');
    await fails(t, 'EEXIST', store.checkpoint('/disk/empty'));
    await fails(t, 'EEXIST', store.checkpoint('/disk/file'));
    await fails(t, 'EEXIST', store.checkpoint('/disk/chk'));
    t.deepEqual(await bench.filesystem.list('/disk/empty'), []);
    t.deepEqual(await contents(await bench.open('/disk/chk', true)), ['a=1']);
    await store.write([put('b', '1')]);
    t.deepEqual(await contents(store), ['a=1', 'b=1']);
  });

  test(`${name}: a store opened for reading writes nothing, and several may be`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    await store.write([put('a', '1'), put('b', '2')]);
    const taken = await store.checkpoint('/disk/chk');
    const before = await bytesOfAll(bench.filesystem, '/disk/chk', taken);
    const readers = await Promise.all([
      bench.open('/disk/chk', true),
      bench.open('/disk/chk', true),
    ]);
    for (const reader of readers) {
      await fails(t, 'EROFS', reader.write([put('a', '2')]));
      await fails(t, 'EROFS', reader.checkpoint('/disk/another'));
      t.deepEqual(await contents(reader), ['a=1', 'b=2']);
    }
    await readers[0].close();
    t.deepEqual(await contents(readers[1]), ['a=1', 'b=2']);
    await readers[1].close();
    t.deepEqual(await bytesOfAll(bench.filesystem, '/disk/chk', taken), before);
  });

  test(`${name}: where no store is, none can be opened for reading`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    await fails(t, 'ENOENT', bench.open('/disk/none', true));
    t.is(await bench.filesystem.status('/disk/none'), undefined);
    await bench.filesystem.makeDirectory('/disk/empty');
    await fails(t, 'ENOENT', bench.open('/disk/empty', true));
  });

  test(`${name}: close() waits for the checkpoints that are under way`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    await fill(store, 'before', 100);
    const taken = [store.checkpoint('/disk/1'), store.checkpoint('/disk/2')];
    await store.close();
    const files = await bench.filesystem.list('/disk/2');
    await Promise.all(taken);
    t.deepEqual(await bench.filesystem.list('/disk/2'), files);
    const expected = await contents(await bench.open());
    t.is(expected.length, 100);
    t.deepEqual(await contents(await bench.open('/disk/2', true)), expected);
  });

  test(`${name}: an empty store has checkpoints, too`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    await store.checkpoint('/disk/chk');
    t.deepEqual(await contents(await bench.open('/disk/chk', true)), []);
    const restored = await bench.open('/disk/chk');
    await restored.write([put('a', '1')]);
    t.deepEqual(await contents(restored), ['a=1']);
  });

  test(`${name}: damage of a table is an error, never a wrong answer`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    await fill(store, 'before');
    const expected = await contents(store);
    const { immutable } = await store.checkpoint('/disk/chk');
    let errorCount = 0;
    for (const file of immutable) {
      const path = `/disk/chk/${file}`;
      const intact = await bench.filesystem.read(path);
      for (const part of [0.1, 0.5, 0.9]) {
        const damaged = intact.slice();
        const at = Math.floor(intact.length * part);
        damaged[at] = (damaged[at] ?? 0) ^ 0x10;
        await replace(bench.filesystem, path, damaged);
        errorCount += await errorOrSame(t, bench, expected);
      }
      await replace(bench.filesystem, path, intact);
    }
    t.true(errorCount >= immutable.length, `${errorCount} of ${3 * immutable.length} were noticed`);
  });

  test(`${name}: a store that has lost a file is no empty store`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    await fill(store, 'before');
    const expected = await contents(store);
    const { immutable, other } = await store.checkpoint('/disk/chk');
    const names = [...immutable, ...other];
    let errorCount = 0;
    for (const lost of names) {
      const directory = `/disk/without ${lost}`;
      await copy(
        bench.filesystem,
        names.filter((name) => name !== lost),
        directory,
      );
      errorCount += await errorOrSame(t, bench, expected, directory);
    }
    t.true(errorCount > immutable.length, `${errorCount} of ${names.length} were noticed`);
  });
}

/** 1 if reading everything failed, as it should; 0 if what was read is right. */
async function errorOrSame(
  t: ExecutionContext,
  bench: StoreBench,
  expected: readonly string[],
  directory = '/disk/chk',
): Promise<number> {
  try {
    const reader = await bench.open(directory, directory === '/disk/chk');
    const entries = await contents(reader);
    t.true(isSame(entries, expected), `${entries.length} entries`);
    await reader.close();
    return 0;
  } catch (error) {
    t.true(error instanceof FileSystemError, String(error));
    return 1;
  }
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((entry, index) => entry === right[index]);
}

/** Under a new inode: the file may be linked elsewhere. */
async function replace(files: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  await files.remove(path);
  await files.write(path, bytes);
}

async function copy(files: FileSystem, names: readonly string[], to: string): Promise<void> {
  await files.makeDirectory(to);
  for (const name of names)
    await files.write(`${to}/${name}`, await files.read(`/disk/chk/${name}`));
}

/** By name, as text of one byte a code unit. */
async function bytesOfAll(
  files: FileSystem,
  directory: string,
  { immutable, other }: KeyValueCheckpoint,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of [...immutable, ...other]) {
    const bytes = await files.read(`${directory}/${name}`);
    found.set(name, Buffer.from(bytes).toString('latin1'));
  }
  return found;
}
