// The part of the FileSystem contract about calls that must fail, and how.

import test from 'ava';

import { bytesOf, fails } from './vocabulary.contract.ts';
import type { FileSystem } from './filesystem.ts';
import type { OpenFileSystem } from './filesystem-content.contract.ts';

type Call = (files: FileSystem, path: string) => Promise<unknown>;
const CALLS: readonly (readonly [string, Call])[] = [
  ['read', (files, path) => files.read(path)],
  ['write', (files, path) => files.write(path, bytesOf('x'))],
  ['create', (files, path) => files.create(path, bytesOf('x'))],
  ['append', (files, path) => files.append(path, bytesOf('x'))],
  ['truncate', (files, path) => files.truncate(path, 1)],
  ['sync', (files, path) => files.sync(path)],
  ['remove', (files, path) => files.remove(path)],
  ['list', (files, path) => files.list(path)],
];

export function errorContract(name: string, open: OpenFileSystem): void {
  test(`${name}: nothing works below a missing directory or below a file`, async (t) => {
    const files = await open(t);
    await files.write('/file', bytesOf('x'));
    for (const [, call] of CALLS) {
      await fails(t, 'ENOENT', call(files, '/none/below'));
      await fails(t, 'ENOTDIR', call(files, '/file/below'));
    }
  });

  test(`${name}: what needs a file refuses a missing one`, async (t) => {
    const files = await open(t);
    for (const [operation, call] of CALLS) {
      if (['write', 'create', 'append'].includes(operation)) continue;
      await fails(t, 'ENOENT', call(files, '/none'));
    }
  });

  test(`${name}: what needs a file refuses a directory`, async (t) => {
    const files = await open(t);
    await files.makeDirectory('/d');
    for (const [operation, call] of CALLS) {
      if (['sync', 'remove', 'list'].includes(operation)) continue;
      await fails(t, operation === 'create' ? 'EEXIST' : 'EISDIR', call(files, '/d'));
    }
    await fails(t, 'EISDIR', files.read('/d', 0, 0));
  });

  test(`${name}: list() refuses a file`, async (t) => {
    const files = await open(t);
    await files.write('/file', bytesOf('x'));
    await fails(t, 'ENOTDIR', files.list('/file'));
  });

  test(`${name}: offsets, lengths and sizes are whole numbers from 0`, async (t) => {
    const files = await open(t);
    await files.write('/a', bytesOf('x'));
    for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await fails(t, 'EINVAL', files.read('/a', value));
      await fails(t, 'EINVAL', files.read('/a', 0, value));
      await fails(t, 'EINVAL', files.truncate('/a', value));
    }
  });

  test(`${name}: an error names code and path`, async (t) => {
    const files = await open(t);
    const error = await fails(t, 'ENOENT', files.read('/none'));
    t.is(error?.path, '/none');
    t.is(error?.message, 'Cannot read "/none": ENOENT');
  });
}
