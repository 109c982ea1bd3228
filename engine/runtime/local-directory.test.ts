// What a failing disk keeps of earlier lives and of attempts that are over goes once it works
// again; what running attempts use stays.

import test from 'ava';
import { CrashableFileSystem } from '../checkpoint/testing/crashable-file-system.ts';
import { LocalDirectory } from './local-directory.ts';

async function disk(...files: readonly string[]): Promise<CrashableFileSystem> {
  const filesystem = new CrashableFileSystem();
  for (const file of files) {
    await filesystem.makeDirectory(file.slice(0, file.lastIndexOf('/')));
    await filesystem.write(file, new Uint8Array(1));
  }
  return filesystem;
}

test('removeLeftovers() removes what an earlier life has left, and is clean then', async (t) => {
  const filesystem = await disk('/local/7-1-agg/table', '/local/9-1-agg/table');
  const local = new LocalDirectory(filesystem, '/local', '9');
  t.false(local.isClean);
  await local.removeLeftovers();
  t.deepEqual(filesystem.paths(), ['/local/9-1-agg/table']);
  t.true(local.isClean);
});

test('removeLeftovers() tries again what the disk did not let go of at the start', async (t) => {
  const filesystem = await disk('/local/7-1-agg/table', '/local/9-1-agg/table');
  const local = new LocalDirectory(filesystem, '/local', '9');
  filesystem.failNext('remove', /table/);
  await local.removeLeftovers();
  t.false(local.isClean);
  await local.removeLeftovers();
  t.deepEqual(filesystem.paths(), ['/local/9-1-agg/table']);
  t.true(local.isClean);
});

test('removeLeftovers() removes what an attempt could not, and only that', async (t) => {
  const filesystem = await disk('/local/9-1-agg/table', '/local/9-2-agg/table');
  const local = new LocalDirectory(filesystem, '/local', '9');
  const [first, second] = [local.nextAttempt(), local.nextAttempt()];
  t.deepEqual([first.prefix, second.prefix], ['/local/9-1', '/local/9-2']);
  await local.removeLeftovers();
  first.notRemoved(`${first.prefix}-agg`);
  t.false(local.isClean);
  filesystem.failNext('remove', /table/);
  await local.removeLeftovers();
  t.is(filesystem.paths().length, 2);
  await local.removeLeftovers();
  t.deepEqual(filesystem.paths(), ['/local/9-2-agg/table']);
  t.true(local.isClean);
});
