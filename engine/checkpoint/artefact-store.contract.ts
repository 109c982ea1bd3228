// What every ArtefactStore must do: artefacts are written once, show whole or not at all, and of
// two who publish under one name with different bytes exactly one wins and the other one learns it.

import test, { type ExecutionContext } from 'ava';

import { OnceproofError } from '../core/errors.ts';
import { FileSystemError } from '../environment/filesystem.ts';
import { bytesOf, fails, textOf } from '../environment/vocabulary.contract.ts';
import type { ArtefactStore, ArtefactWriter } from './artefact-store.ts';

export interface ArtefactBench {
  readonly store: ArtefactStore;
  /** A directory of the store that exists and is empty, without a slash at its end. */
  readonly root: string;
  /** Lets the world go on until the promise is settled. */
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
}

export interface ArtefactContractOptions {
  /** Of the largest artefact: beyond what the store sends in one piece. Default 3,000,000. */
  readonly largeBytes?: number;
}

type Open = (t: ExecutionContext) => Promise<ArtefactBench>;

export function artefactStoreContract(
  name: string,
  open: Open,
  options: ArtefactContractOptions = {},
): void {
  writerContract(name, open, options.largeBytes ?? 3_000_000);
  publishContract(name, open);
  readContract(name, open);
  listContract(name, open);
  removeContract(name, open);
  placeContract(name, open);
}

function writerContract(name: string, open: Open, largeBytes: number): void {
  test(`${name}: an artefact is what was written, in order, once it is closed`, async (t) => {
    const bench = await open(t);
    const { store, root, settle } = bench;
    const writer = await settle(store.create(`${root}/a`));
    const reused = bytesOf('one ');
    await settle(writer.write(reused));
    reused.fill(0);
    await settle(writer.write(new Uint8Array()));
    await settle(writer.write(bytesOf('two')));
    await settle(writer.close());
    t.is(textOf(await settle(store.read(`${root}/a`))), 'one two');
    t.deepEqual(await settle(store.status(`${root}/a`)), { kind: 'file', sizeBytes: 7 });
    t.deepEqual(await settle(store.list(root)), ['a']);
  });

  test(`${name}: an artefact may be empty, large, and of any bytes`, async (t) => {
    const bench = await open(t);
    const { store, root, settle } = bench;
    await write(bench, `${root}/empty`, []);
    t.is((await settle(store.read(`${root}/empty`))).length, 0);
    const part = patternOf(largeBytes);
    const parts = [part.slice(0, 100_001), part.slice(100_001), part.slice(0, 256)];
    await write(bench, `${root}/large`, parts);
    const back = await settle(store.read(`${root}/large`));
    t.is(back.length, largeBytes + 256);
    t.true(isEqual(back.subarray(0, largeBytes), part));
    t.true(isEqual(back.subarray(largeBytes), part.subarray(0, 256)));
  });

  test(`${name}: a taken name is EEXIST, and what is there stays`, async (t) => {
    const bench = await open(t);
    const { store, root, settle } = bench;
    await write(bench, `${root}/a`, [bytesOf('first')]);
    await fails(t, 'EEXIST', write(bench, `${root}/a`, [bytesOf('second')]));
    await settle(store.publish(`${root}/b`, bytesOf('published'), 'jm'));
    await fails(t, 'EEXIST', write(bench, `${root}/b`, [bytesOf('second')]));
    t.is(textOf(await settle(store.read(`${root}/a`))), 'first');
    t.is(textOf(await settle(store.read(`${root}/b`))), 'published');
  });

  test(`${name}: of two writers of one name exactly one succeeds, with its bytes`, async (t) => {
    const bench = await open(t);
    const { store, root, settle } = bench;
    const path = `${root}/contested`;
    const writing = ['left', 'right'].map((text) => writeUnsettled(store, path, text));
    const endings = await settle(Promise.all(writing));
    const winners = endings.filter((ending) => ending !== 'EEXIST');
    t.is(winners.length, 1, JSON.stringify(endings));
    t.deepEqual(await settle(store.read(path)), bytesOf(winners[0] ?? ''));
  });

  test(`${name}: what was aborted is gone, and its name is free`, async (t) => {
    const bench = await open(t);
    const { store, root, settle } = bench;
    const writer = await settle(store.create(`${root}/a`));
    await settle(writer.write(bytesOf('half')));
    await settle(writer.abort());
    t.is(await settle(store.status(`${root}/a`)), undefined);
    await settle(writer.abort());
    await write(bench, `${root}/a`, [bytesOf('whole')]);
    t.is(textOf(await settle(store.read(`${root}/a`))), 'whole');
    t.deepEqual(await settle(store.list(root)), ['a']);
    const unused = await settle(store.create(`${root}/unused`));
    await settle(unused.abort());
    t.deepEqual(await settle(store.list(root)), ['a']);
  });
}

function publishContract(name: string, open: Open): void {
  test(`${name}: publish() shows the bytes, and the same bytes again are fine`, async (t) => {
    const { store, root, settle } = await open(t);
    const path = `${root}/_metadata`;
    await settle(store.publish(path, bytesOf('one'), 'jm-1'));
    await settle(store.publish(path, bytesOf('one'), 'jm-1'));
    await settle(store.publish(path, bytesOf('one'), 'jm-2'));
    await settle(store.confirm(path));
    t.is(textOf(await settle(store.read(path))), 'one');
    t.deepEqual(await settle(store.list(root)), ['_metadata']);
  });

  test(`${name}: publish() of other bytes is OP-E507, and changes nothing`, async (t) => {
    const { store, root, settle } = await open(t);
    const path = `${root}/_metadata`;
    await settle(store.publish(path, bytesOf('one'), 'jm-1'));
    for (const text of ['two', '', 'one more']) {
      const late = settle(store.publish(path, bytesOf(text), 'jm-2'));
      const error = await t.throwsAsync(late, { instanceOf: OnceproofError });
      t.is(error?.code, 'OP-E507');
      t.is(textOf(await settle(store.read(path))), 'one');
    }
    await settle(store.publish(path, bytesOf('one'), 'jm-2'));
  });

  test(`${name}: of concurrent publishers one wins, and all others learn it`, async (t) => {
    const { store, root, settle } = await open(t);
    const path = `${root}/_metadata`;
    const texts = ['one', 'two', 'three', 'four'];
    const publishing = texts.map(async (text, index) => {
      try {
        await store.publish(path, bytesOf(text), `jm-${index}`);
        return text;
      } catch (error) {
        return error instanceof OnceproofError ? error.code : String(error);
      }
    });
    const endings = await settle(Promise.all(publishing));
    const winners = endings.filter((ending) => texts.includes(ending));
    t.is(winners.length, 1, endings.join());
    t.true(endings.every((ending) => winners.includes(ending) || ending === 'OP-E507'));
    t.deepEqual(await settle(store.read(path)), bytesOf(winners[0] ?? ''));
  });

  test(`${name}: what was unpublished is gone, and may be published anew`, async (t) => {
    const { store, root, settle } = await open(t);
    const path = `${root}/_metadata`;
    t.false(await settle(store.unpublish(path)));
    await settle(store.publish(path, bytesOf('one'), 'jm-1'));
    t.true(await settle(store.unpublish(path)));
    t.is(await settle(store.status(path)), undefined);
    await settle(store.publish(path, bytesOf('two'), 'jm-1'));
    t.is(textOf(await settle(store.read(path))), 'two');
  });
}

function readContract(name: string, open: Open): void {
  test(`${name}: read() gives ranges, and fewer bytes where the file ends`, async (t) => {
    const bench = await open(t);
    const { store, root, settle } = bench;
    await write(bench, `${root}/a`, [bytesOf('0123456789')]);
    const read = async (offset?: number, length?: number) =>
      textOf(await settle(store.read(`${root}/a`, offset, length)));
    t.is(await read(), '0123456789');
    t.is(await read(3), '3456789');
    t.is(await read(3, 4), '3456');
    t.is(await read(0, 1), '0');
    t.is(await read(8, 100), '89');
    t.is(await read(10, 5), '');
    t.is(await read(11), '');
    t.is(await read(4, 0), '');
  });

  test(`${name}: what is not there is ENOENT, or undefined, or nothing`, async (t) => {
    const { store, root, settle } = await open(t);
    await fails(t, 'ENOENT', settle(store.read(`${root}/none`)));
    await fails(t, 'ENOENT', settle(store.read(`${root}/none`, 5, 5)));
    await fails(t, 'ENOENT', settle(store.read(`${root}/none/below`)));
    await fails(t, 'ENOENT', settle(store.confirm(`${root}/none`)));
    t.is(await settle(store.status(`${root}/none`)), undefined);
    t.deepEqual(await settle(store.list(`${root}/none`)), []);
    t.false(await settle(store.remove(`${root}/none`)));
    await settle(store.removeTree(`${root}/none`));
  });
}

function listContract(name: string, open: Open): void {
  test(`${name}: list() gives names directly below, ascending, directories too`, async (t) => {
    const bench = await open(t);
    const { store, root, settle } = bench;
    const names = ['b', 'B', 'a-1', 'a_1', '10', '9', 'chk-10', 'chk-9'];
    for (const one of names) await write(bench, `${root}/${one}`, [bytesOf(one)]);
    await settle(store.makeDirectory(`${root}/d/e`));
    await settle(store.makeDirectory(`${root}/d/e`));
    await write(bench, `${root}/d/e/deep`, [bytesOf('x')]);
    t.deepEqual(await settle(store.list(root)), [...names, 'd'].sort());
    t.deepEqual(await settle(store.list(`${root}/d`)), ['e']);
    t.deepEqual(await settle(store.list(`${root}/d/e`)), ['deep']);
    t.deepEqual(await settle(store.status(`${root}/d/e`)), { kind: 'directory' });
  });

  test(`${name}: list() is whole, however many names there are`, async (t) => {
    const { store, root, settle } = await open(t);
    const names = Array.from({ length: 120 }, (_, index) => `name-${index}`);
    const writing = names.map((one) => store.publish(`${root}/${one}`, bytesOf(one), 'jm'));
    await settle(Promise.all(writing));
    t.deepEqual(await settle(store.list(root)), names.toSorted());
  });
}

function removeContract(name: string, open: Open): void {
  test(`${name}: remove() takes one file, and says whether there was one`, async (t) => {
    const bench = await open(t);
    const { store, root, settle } = bench;
    await write(bench, `${root}/a`, [bytesOf('a')]);
    await write(bench, `${root}/ab`, [bytesOf('ab')]);
    t.true(await settle(store.remove(`${root}/a`)));
    t.false(await settle(store.remove(`${root}/a`)));
    await fails(t, 'ENOENT', settle(store.read(`${root}/a`)));
    t.deepEqual(await settle(store.list(root)), ['ab']);
  });

  test(`${name}: removeTree() takes all below, finished or not, and no more`, async (t) => {
    const bench = await open(t);
    const { store, root, settle } = bench;
    for (const directory of ['chk-1', 'chk-1/deep', 'chk-10']) {
      await settle(store.makeDirectory(`${root}/${directory}`));
      await write(bench, `${root}/${directory}/a`, [bytesOf('a')]);
    }
    const left = await settle(store.create(`${root}/chk-1/left`));
    await settle(left.write(bytesOf('never closed')));
    await settle(store.removeTree(`${root}/chk-1`));
    t.deepEqual(await settle(store.list(`${root}/chk-1`)), []);
    t.deepEqual(await settle(store.list(`${root}/chk-1/deep`)), []);
    t.is(await settle(store.status(`${root}/chk-1/a`)), undefined);
    t.is(textOf(await settle(store.read(`${root}/chk-10/a`))), 'a');
    t.deepEqual(await settle(store.list(root)), ['chk-10']);
  });
}

function placeContract(name: string, open: Open): void {
  test(`${name}: pathOf() is the inverse of describe(), and knows strangers`, async (t) => {
    const { store, root } = await open(t);
    for (const path of [`${root}/a`, `${root}/b c/ü%20?#&`, root]) {
      t.is(store.pathOf(store.describe(path)), path);
      t.is(store.pathOf(path), path);
    }
    t.is(store.pathOf('gopher://elsewhere/a'), undefined);
  });

  test(`${name}: names may hold what a URL may not`, async (t) => {
    const bench = await open(t);
    const { store, root, settle } = bench;
    const names = ['a b', 'a+b', 'a%20b', 'ä', '日本', 'a&b=c', 'a?b', 'a#b', "a'b", 'a,b;c@d'];
    for (const one of names) await write(bench, `${root}/${one}`, [bytesOf(one)]);
    t.deepEqual(await settle(store.list(root)), names.toSorted());
    for (const one of names) {
      t.deepEqual(await settle(store.read(`${root}/${one}`)), bytesOf(one));
      t.true(await settle(store.remove(`${root}/${one}`)));
    }
  });
}

async function write(
  { store, settle }: ArtefactBench,
  path: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  const writer = await settle(store.create(path));
  try {
    for (const part of parts) await settle(writer.write(part));
    await settle(writer.close());
  } catch (error) {
    await settle(writer.abort());
    throw error;
  }
}

/** The text, or the code of the error. */
async function writeUnsettled(store: ArtefactStore, path: string, text: string): Promise<string> {
  let writer: ArtefactWriter | undefined;
  try {
    writer = await store.create(path);
    await writer.write(bytesOf(text));
    await writer.close();
    return text;
  } catch (error) {
    await writer?.abort();
    if (error instanceof FileSystemError) return error.code;
    throw error;
  }
}

function patternOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >>> 8)) & 0xff);
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
