// The part of the FileSystem contract about the bytes of files.

import test, { type ExecutionContext } from 'ava';

import { bytesOf, fails, textOf } from './vocabulary.contract.ts';
import type { FileSystem } from './filesystem.ts';

export type OpenFileSystem = (t: ExecutionContext) => Promise<FileSystem>;

export function contentContract(name: string, open: OpenFileSystem): void {
  test(`${name}: write() creates, then replaces all bytes`, async (t) => {
    const files = await open(t);
    await files.write('/a', bytesOf('first and long'));
    await files.write('/a', bytesOf('second'));
    t.is(textOf(await files.read('/a')), 'second');
    t.deepEqual(await files.status('/a'), { kind: 'file', sizeBytes: 6 });
  });

  test(`${name}: create() keeps every byte value and refuses a taken name`, async (t) => {
    const files = await open(t);
    const all = Uint8Array.from({ length: 256 }, (_, value) => value);
    await files.create('/binary', all);
    t.deepEqual([...(await files.read('/binary'))], [...all]);
    await fails(t, 'EEXIST', files.create('/binary', bytesOf('x')));
    t.is((await files.read('/binary')).length, 256);
  });

  test(`${name}: empty files exist`, async (t) => {
    const files = await open(t);
    await files.write('/written', new Uint8Array());
    await files.create('/created', new Uint8Array());
    await files.append('/appended', new Uint8Array());
    t.deepEqual(await files.list('/'), ['appended', 'created', 'written']);
    for (const path of ['/written', '/created', '/appended']) {
      t.deepEqual(await files.status(path), { kind: 'file', sizeBytes: 0 });
      t.is((await files.read(path)).length, 0);
    }
  });

  test(`${name}: read() takes a range and gives less where the file ends`, async (t) => {
    const files = await open(t);
    await files.write('/a', bytesOf('0123456789'));
    t.is(textOf(await files.read('/a', 3)), '3456789');
    t.is(textOf(await files.read('/a', 3, 4)), '3456');
    t.is(textOf(await files.read('/a', 8, 100)), '89');
    t.is(textOf(await files.read('/a', 2, 0)), '');
    t.is(textOf(await files.read('/a', 10, 1)), '');
    t.is(textOf(await files.read('/a', 5_000)), '');
  });

  test(`${name}: what read() returned does not change later`, async (t) => {
    const files = await open(t);
    await files.write('/a', bytesOf('before'));
    const before = await files.read('/a');
    await files.write('/a', bytesOf('after!'));
    t.is(textOf(before), 'before');
    before.fill(0);
    t.is(textOf(await files.read('/a')), 'after!');
  });

  test(`${name}: a buffer may be reused once write() has resolved`, async (t) => {
    const files = await open(t);
    const buffer = bytesOf('kept');
    await files.write('/a', buffer);
    buffer.fill(0);
    t.is(textOf(await files.read('/a')), 'kept');
  });
}

export function truncateAndSyncContract(name: string, open: OpenFileSystem): void {
  test(`${name}: many appends add up, in order`, async (t) => {
    const files = await open(t);
    const records = Array.from({ length: 200 }, (_, index) => `record ${index};`);
    for (const record of records) await files.append('/log', bytesOf(record));
    t.is(textOf(await files.read('/log')), records.join(''));
  });

  test(`${name}: a megabyte survives the round trip`, async (t) => {
    const files = await open(t);
    const large = Uint8Array.from({ length: 1 << 20 }, (_, index) => (index * 31) >>> 3);
    await files.write('/large', large);
    await files.append('/large', large);
    const read = await files.read('/large');
    t.is(read.length, 1 << 21);
    t.true(read.every((byte, index) => byte === large[index % large.length]));
    const seam = [large.at(-1), large[0], large[1]];
    t.deepEqual([...(await files.read('/large', (1 << 20) - 1, 3))], seam);
  });

  test(`${name}: truncate() cuts, and extends with zeros even over old bytes`, async (t) => {
    const files = await open(t);
    await files.write('/a', bytesOf('0123456789'));
    await files.truncate('/a', 4);
    t.is(textOf(await files.read('/a')), '0123');
    await files.truncate('/a', 7);
    t.deepEqual([...(await files.read('/a'))], [48, 49, 50, 51, 0, 0, 0]);
    await files.append('/a', bytesOf('x'));
    t.is((await files.read('/a')).length, 8);
    await files.truncate('/a', 0);
    t.deepEqual(await files.status('/a'), { kind: 'file', sizeBytes: 0 });
  });

  test(`${name}: sync() accepts files and directories, again and again`, async (t) => {
    const files = await open(t);
    await files.makeDirectory('/d');
    await files.write('/d/a', bytesOf('x'));
    for (const path of ['/d/a', '/d/a', '/d', '/d', '/']) {
      await t.notThrowsAsync(files.sync(path));
    }
    t.is(textOf(await files.read('/d/a')), 'x');
  });

  test(`${name}: independent calls may overlap`, async (t) => {
    const files = await open(t);
    const paths = Array.from({ length: 20 }, (_, index) => `/file-${index}`);
    await Promise.all(paths.map((path) => files.write(path, bytesOf(path))));
    const contents = await Promise.all(paths.map((path) => files.read(path)));
    t.deepEqual(contents.map(textOf), paths);
  });
}
