// What a simulated disk keeps and loses, who pays for whose crash, and the faults it injects.

import test from 'ava';
import fc from 'fast-check';

import type { FileSystem } from '../../engine/environment/filesystem.ts';
import { address } from '../../engine/environment/network.ts';
import { bytesOf, fails, textOf } from '../../engine/environment/vocabulary.contract.ts';
import { aCall, type Call } from './calls.contract.ts';
import { DiskBench, immediateIo } from './disk-bench.ts';
import { SECTOR_BYTES } from './write-parts.ts';

const aSeed = fc.string({ minLength: 1 });

test('whatever was done, what was synced afterwards survives every crash', async (t) => {
  const property = fc.asyncProperty(aSeed, someCalls(), async (seed, calls) => {
    const bench = new DiskBench(seed);
    await run(bench, calls);
    await syncAll(bench.mount('a'), '/');
    const before = everything(bench);
    bench.crash(address('b'));
    bench.crash(address('a'));
    t.deepEqual(everything(bench), before);
    t.deepEqual(bench.disk.snapshotView().readDurable('/'), before);
  });
  await fc.assert(property, { numRuns: 400 });
});

test('after the crash of every host readers see what is durable; nothing leaks', async (t) => {
  const property = fc.asyncProperty(aSeed, someCalls(), async (seed, calls) => {
    const bench = new DiskBench(seed);
    await run(bench, calls);
    bench.crash(address('a'));
    bench.crash(address('b'));
    const left = everything(bench);
    t.deepEqual(bench.disk.snapshotView().readDurable('/'), left);
    bench.crash(address('a'));
    t.deepEqual(everything(bench), left, 'a crash without calls changes nothing');
    await removeAll(bench.mount('a'), '/');
    t.is(bench.disk.usedBytes, 0);
  });
  await fc.assert(property, { numRuns: 400 });
});

test('the same seed and calls give the same crash', async (t) => {
  const property = fc.asyncProperty(aSeed, someCalls(), async (seed, calls) => {
    const outcomes = await Promise.all(
      [new DiskBench(seed), new DiskBench(seed)].map(async (bench) => {
        await run(bench, calls);
        return [bench.crash(address('a')), everything(bench)];
      }),
    );
    t.deepEqual(outcomes[0], outcomes[1]);
  });
  await fc.assert(property, { numRuns: 100 });
});

test('each sector holds one of its versions, and the last one once synced', async (t) => {
  const shapes = new Set<number>();
  const aHistory = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 });
  const property = fc.asyncProperty(aSeed, aHistory, async (seed, history) => {
    const bench = new DiskBench(seed);
    const files = await emptyDirectory(bench);
    await files.create('/d/a', new Uint8Array());
    await files.sync('/d');
    for (const [index, isSynced] of history.entries()) {
      await files.write('/d/a', new Uint8Array(SECTOR_BYTES * 5).fill(index + 1));
      if (isSynced) await files.sync('/d/a');
    }
    const found = await bench.reboot().read('/d/a');
    for (let start = 0; start < found.length; start += SECTOR_BYTES) {
      const versions = new Set(found.subarray(start, start + SECTOR_BYTES));
      t.is(versions.size, 1, 'a sector is never torn');
      if (history.at(-1) === true) t.true(versions.has(history.length));
    }
    if (history.at(-1) === true) t.is(found.length, SECTOR_BYTES * 5);
    shapes.add(new Set(found).size);
  });
  await fc.assert(property, { numRuns: 300 });
  t.true(shapes.has(1) && shapes.has(2), 'some files are mixed, some are not');
});

test('what one client had not synced dies with that client alone', async (t) => {
  const survivals = new Set<boolean>();
  for (let seed = 0; seed < 40; seed++) {
    const bench = new DiskBench(`shared ${seed}`);
    const a = bench.mount('a');
    const b = bench.mount('b');
    await a.makeDirectory('/d');
    await a.sync('/');
    await a.write('/d/of-a', bytesOf('a'));
    await b.write('/d/of-b', bytesOf('b'));
    t.deepEqual(await b.list('/d'), ['of-a', 'of-b'], 'all clients see all writes at once');
    bench.crash(address('a'));
    t.is(textOf(await b.read('/d/of-b')), 'b');
    survivals.add((await b.status('/d/of-a')) !== undefined);
  }
  t.is(survivals.size, 2);
});

test('a sync by one client makes the data of all clients durable', async (t) => {
  const bench = new DiskBench('shared');
  const a = bench.mount('a');
  await a.append('/log', bytesOf('a'));
  const b = bench.mount('b');
  await b.append('/log', bytesOf('b'));
  await b.sync('/log');
  await b.sync('/');
  bench.crash(address('a'));
  bench.crash(address('b'));
  t.is(textOf(await bench.mount('a').read('/log')), 'ab');
});

test('a killed process loses nothing that its calls have returned for', async (t) => {
  const bench = new DiskBench('killed');
  await bench.mount().write('/a', bytesOf('x'));
  bench.disk.kill(address('host'));
  t.is(textOf(await bench.mount().read('/a')), 'x');
});

test('a call that a crash interrupts may have taken effect, even durably', (t) => {
  const found = new Set<boolean>();
  for (let seed = 0; seed < 100; seed++) {
    const bench = new DiskBench(`interrupted ${seed}`);
    const never = new Promise<never>(() => undefined);
    void bench.disk.mount(address('host'), { perform: () => never }).makeDirectory('/d');
    bench.crash();
    found.add(bench.disk.snapshotView().readDurable('/').size === 0);
    found.add(bench.disk.listAll('/').length > 0);
  }
  t.true(found.has(true));
});

test('a name that was removed stays removed, whichever directory is synced first', async (t) => {
  const bench = new DiskBench('order of names');
  const files = await emptyDirectory(bench);
  await files.makeDirectory('/e');
  await files.write('/e/x', bytesOf('x'));
  await syncAll(files, '/');
  await files.rename('/e/x', '/d/x');
  await files.remove('/d/x');
  await files.sync('/d');
  await files.sync('/e');
  t.deepEqual(bench.disk.snapshotView().readDurable('/'), new Map());
  bench.crash();
  t.deepEqual(everything(bench), new Map());
});

test('orphans vanish: data synced without a name is gone after the crash', async (t) => {
  const bench = new DiskBench('orphan');
  const files = bench.mount();
  const sizes = new Set<number>();
  for (let round = 0; round < 40; round++) {
    await bench.mount().write(`/orphan-${round}`, bytesOf('data'));
    await bench.mount().sync(`/orphan-${round}`);
    bench.crash();
    sizes.add(bench.disk.usedBytes);
  }
  t.true(sizes.has(0) || sizes.size > 1);
  t.is(bench.disk.usedBytes, 4 * (await files.list('/')).length);
});

test('a failed sync leaves clean pages: readable until the crash, never durable', async (t) => {
  const bench = new DiskBench('clean pages');
  const files = await emptyDirectory(bench);
  await files.create('/d/a', bytesOf('lost'));
  bench.disk.faults.failNextSync('/d/');
  await fails(t, 'EIO', files.sync('/d/a'));
  await files.sync('/d/a');
  await files.sync('/d');
  t.is(textOf(await files.read('/d/a')), 'lost');
  t.deepEqual([...(await bench.reboot().read('/d/a'))], [0, 0, 0, 0]);
  t.deepEqual([...bench.disk.faults.counters()], [['sync-failure', 1]]);
});

test('data written again to a new file after a failed sync is durable', async (t) => {
  const bench = new DiskBench('rewritten');
  const files = await emptyDirectory(bench);
  await files.create('/d/a', bytesOf('lost'));
  bench.disk.faults.failNextSync();
  await fails(t, 'EIO', files.sync('/d/a'));
  await files.create('/d/b', bytesOf('kept'));
  await files.sync('/d/b');
  await files.sync('/d');
  t.is(textOf(await bench.reboot().read('/d/b')), 'kept');
});

test('a full disk takes what fits, fails with ENOSPC and recovers', async (t) => {
  const bench = new DiskBench('full', { capacityBytes: 1_000 });
  const files = bench.mount();
  await files.write('/a', new Uint8Array(600));
  await fails(t, 'ENOSPC', files.append('/a', new Uint8Array(600)));
  t.deepEqual(await files.status('/a'), { kind: 'file', sizeBytes: 1_000 });
  await fails(t, 'ENOSPC', files.create('/b', new Uint8Array()));
  await fails(t, 'ENOSPC', files.rename('/a', '/c'));
  await fails(t, 'ENOSPC', files.truncate('/a', 1_001));
  await files.remove('/a');
  await files.write('/b', new Uint8Array(1_000));
  t.is(bench.disk.usedBytes, 1_000);
});

test('fault windows open, strike what they name, and heal', async (t) => {
  const bench = new DiskBench('windows');
  const files = await emptyDirectory(bench);
  await files.write('/d/a', bytesOf('a'));

  const full = bench.disk.faults.noSpace();
  await fails(t, 'ENOSPC', files.rename('/d/a', '/d/b'));
  await fails(t, 'ENOSPC', files.sync('/d/a'));
  t.is(textOf(await files.read('/d/a')), 'a');
  full.heal();

  await files.write('/d/a', bytesOf('a'));
  const readOnly = bench.disk.faults.readOnly();
  await fails(t, 'EROFS', files.remove('/d/a'));
  await fails(t, 'EROFS', files.sync('/d/a'));
  readOnly.heal();
  await files.sync('/d/a');

  const broken = bench.disk.faults.ioError({ prefix: '/d/a', countMax: 2 });
  await fails(t, 'EIO', files.read('/d/a'));
  await files.list('/d');
  await fails(t, 'EIO', files.status('/d/a'));
  t.is(textOf(await files.read('/d/a')), 'a');
  broken.heal();
  const counters = [...bench.disk.faults.counters()];
  t.deepEqual(counters, [
    ['io-error', 2],
    ['no-space', 2],
    ['read-only', 2],
  ]);
});

test('a change that fails with EIO may have been applied', async (t) => {
  const bench = new DiskBench('partly');
  const files = bench.mount();
  bench.disk.faults.ioError();
  const sizes = new Set<number>();
  for (let index = 0; index < 60; index++) {
    await fails(t, 'EIO', files.create(`/file-${index}`, new Uint8Array(1_000)));
  }
  for (const bytes of everything(bench).values()) sizes.add(bytes.length);
  t.true(sizes.size > 5, 'cut anywhere');
  t.true(bench.disk.listAll('/').length < 60, 'or not at all');
});

test('latencies are whole milliseconds in their range, longer on a slow disk', async (t) => {
  const bench = new DiskBench('latency', { latencies: { sync: { minMs: 3, maxMs: 4 } } });
  const drawn: number[] = [];
  const files = bench.disk.mount(address('host'), {
    perform: (label, latencyMs, work) => {
      drawn.push(latencyMs);
      return immediateIo.perform(label, latencyMs, work);
    },
  });
  for (let index = 0; index < 50; index++) await files.sync('/');
  t.deepEqual([Math.min(...drawn), Math.max(...drawn)], [3, 4]);
  t.true(drawn.every(Number.isInteger));
  const slow = bench.disk.faults.slow(10);
  await files.sync('/');
  slow.heal();
  t.true([30, 40].includes(drawn.at(-1) ?? 0));
});

test('corruption strikes readers and the device alike and is counted', async (t) => {
  const bench = new DiskBench('corruption');
  const files = await emptyDirectory(bench);
  await files.write('/d/a', bytesOf('aaaa'));
  await files.write('/d/b', bytesOf('bb'));
  await files.write('/d/c', bytesOf('c'));
  await syncAll(files, '/');

  bench.disk.flipBit('/d/a', 9);
  t.is(textOf(await files.read('/d/a')), 'acaa');
  bench.disk.truncateTo('/d/a', 3);
  bench.disk.swap('/d/a', '/d/b');
  bench.disk.removeFile('/d/c');
  t.throws(() => bench.disk.removeFile('/d/c'), { message: /ENOENT/ });

  const corrupted = new Map([
    ['/d/a', bytesOf('bb')],
    ['/d/b', bytesOf('aca')],
  ]);
  t.deepEqual(bench.disk.snapshotView().readDurable('/d'), corrupted);
  t.deepEqual(bench.disk.snapshotView().readAll('/d'), corrupted);
  bench.crash();
  t.deepEqual(everything(bench), corrupted);
  t.deepEqual(bench.disk.listAll('/d/b'), ['/d/b']);
  t.is([...bench.disk.faults.counters().values()].length, 4);
});

function someCalls(): fc.Arbitrary<[host: string, call: Call][]> {
  return fc.array(fc.tuple(fc.constantFrom('a', 'b'), aCall), { minLength: 1, maxLength: 40 });
}

async function run(bench: DiskBench, calls: readonly [host: string, call: Call][]): Promise<void> {
  const mounts = new Map(['a', 'b'].map((host) => [host, bench.mount(host)]));
  for (const [host, [, call]] of calls) {
    const files = mounts.get(host);
    if (files !== undefined) await call(files).catch(() => undefined);
  }
}

async function emptyDirectory(bench: DiskBench): Promise<FileSystem> {
  const files = bench.mount();
  await files.makeDirectory('/d');
  await files.sync('/');
  return files;
}

async function syncAll(files: FileSystem, directory: string): Promise<void> {
  await files.sync(directory);
  for (const name of await files.list(directory)) {
    const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
    const isDirectory = (await files.status(path))?.kind === 'directory';
    await (isDirectory ? syncAll(files, path) : files.sync(path));
  }
}

async function removeAll(files: FileSystem, directory: string): Promise<void> {
  for (const name of await files.list(directory)) {
    const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
    if ((await files.status(path))?.kind === 'directory') await removeAll(files, path);
    await files.remove(path);
  }
}

function everything(bench: DiskBench): Map<string, Uint8Array> {
  return bench.disk.snapshotView().readAll('/');
}
