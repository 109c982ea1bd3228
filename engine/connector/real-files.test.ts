// The same contracts on real files of this machine: what holds in memory holds on a disk. Power
// loss is left to the file system in memory; here processes end and directories are real.

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

import { OnceproofError } from '../core/errors.ts';
import { NodeFileSystem } from '../environment/node/node-filesystem.ts';
import { csv } from './csv.ts';
import { FileSink } from './file-sink.ts';
import { FileSource } from './file-source.ts';
import { jsonLines } from './json-lines.ts';
import { sinkContract } from './sink.contract.ts';
import { sourceContract } from './source.contract.ts';
import { SinkRun } from './testing/sink-run.ts';
import { SourceRun } from './testing/source-run.ts';

const roots: string[] = [];

async function realDirectory(): Promise<{ root: string; filesystem: NodeFileSystem }> {
  const root = await mkdtemp(join(tmpdir(), 'onceproof-connector-'));
  roots.push(root);
  return { root, filesystem: new NodeFileSystem(root) };
}

test.after.always(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

async function visible(filesystem: NodeFileSystem): Promise<readonly number[]> {
  if ((await filesystem.status('/out')) === undefined) return [];
  const format = jsonLines<number>();
  const values: number[] = [];
  const idOf = (value: number): number => values.push(value);
  const run = new SourceRun({ source: new FileSource({ path: '/out', format }), filesystem, idOf });
  run.start(1, undefined);
  run.registerAll();
  await run.readToEnd();
  return values;
}

sinkContract('FileSink on real files', async () => {
  const { filesystem } = await realDirectory();
  const sink = new FileSink<number>({ directory: '/out', format: jsonLines(), maxPartBytes: 5 });
  return { sink, filesystem, record: (id) => id, visible: () => visible(filesystem) };
});

sourceContract('FileSource on real files', async () => {
  const { filesystem } = await realDirectory();
  const expected = Array.from({ length: 13 }, (_, id) => id);
  const format = csv<{ id: number }>({ columns: [{ name: 'id', type: 'integer' }] });
  const sink = new FileSink<{ id: number }>({ directory: '/in', format, maxPartBytes: 12 });
  const run = new SinkRun({ sink, filesystem, record: (id) => ({ id }) });
  await run.start(2, undefined);
  await run.write(expected.length);
  await run.commit((await run.prepare(true)).id);
  const source = new FileSource<{ id: number }>({ path: '/in', format, chunkBytes: 5 });
  return { source, filesystem, idOf: ({ id }) => id, expected };
});

test('a directory that may not be written to is named, with code and remedy', async (t) => {
  if (process.getuid?.() === 0 || process.platform === 'win32') {
    t.pass('The superuser may write anywhere');
    return;
  }
  const { root, filesystem } = await realDirectory();
  await chmod(root, 0o500);
  const sink = new FileSink<number>({ directory: '/out', format: jsonLines() });
  const run = new SinkRun({ sink, filesystem, record: (id: number) => id });
  await run.start(1, undefined);
  await run.write(1);
  const error = await t.throwsAsync(() => run.prepare(), { instanceOf: OnceproofError });
  await chmod(root, 0o700);
  t.is(error?.code, 'OP-E611');
  t.truthy(error?.remedy);
});

test('a file where the directory should be is named, with code and remedy', async (t) => {
  const { filesystem } = await realDirectory();
  await filesystem.write('/out', new Uint8Array(1));
  const sink = new FileSink<number>({ directory: '/out', format: jsonLines() });
  const run = new SinkRun({ sink, filesystem, record: (id: number) => id });
  await run.start(1, undefined);
  await run.write(1);
  const error = await t.throwsAsync(() => run.prepare(), { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E613');
  t.is(error?.place, '/out');
});
