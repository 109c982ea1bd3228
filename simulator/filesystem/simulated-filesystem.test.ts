// The simulated filesystem against the contract of the seam, and against the real one: any sequence
// of calls gives the same results, errors included, as long as nothing crashes.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test from 'ava';
import fc from 'fast-check';

import { type FileSystem, FileSystemError } from '../../engine/environment/filesystem.ts';
import { fileSystemContract } from '../../engine/environment/filesystem.contract.ts';
import { NodeFileSystem } from '../../engine/environment/node/node-filesystem.ts';
import { aCall } from './calls.contract.ts';
import { DiskBench } from './disk-bench.ts';

fileSystemContract('SimulatedDisk', async () => new DiskBench('contract').mount());

test('any sequence of calls gives the same results as on a real disk', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'onceproof-'));
  t.teardown(() => rm(root, { recursive: true }));
  let runCount = 0;
  const property = fc.asyncProperty(
    fc.array(aCall, { minLength: 1, maxLength: 40 }),
    async (calls) => {
      const real = new NodeFileSystem(join(root, String(runCount++)));
      await real.makeDirectory('/');
      const simulated = new DiskBench('model').mount();
      for (const [name, run] of calls) {
        const expected = await outcomeOf(run(real));
        t.deepEqual(await outcomeOf(run(simulated)), expected, name);
      }
      t.deepEqual(await contentsOf(simulated, '/'), await contentsOf(real, '/'));
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

/** Paths in an error are the caller's own; the codes must agree, and the results. */
async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return { result: await call };
  } catch (error) {
    if (error instanceof FileSystemError) return { code: error.code };
    throw error;
  }
}

async function contentsOf(files: FileSystem, directory: string): Promise<unknown[]> {
  const contents: unknown[] = [];
  for (const name of await files.list(directory)) {
    const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
    const status = await files.status(path);
    const isFile = status?.kind === 'file';
    contents.push([path, status, isFile ? [...(await files.read(path))] : undefined]);
    if (!isFile) contents.push(...(await contentsOf(files, path)));
  }
  return contents;
}
