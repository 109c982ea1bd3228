// What is known after metadata was stored, or was not.

import test from 'ava';

import { checkpointId, jobId } from '../core/ids.ts';
import type { MetadataToStore } from './checkpoint-effects.ts';
import { FileArtefactStore } from './file-artefact-store.ts';
import { FileSystemCheckpointStorage } from './file-system-checkpoint-storage.ts';
import { encodeCheckpointMetadata } from './metadata-format.ts';
import { publishCheckpoint } from './publish-checkpoint.ts';
import { CrashableFileSystem } from './testing/crashable-file-system.ts';
import { completedFor } from './testing/handles.ts';

const JOB = jobId('job');
const CP_1 = checkpointId(1);
const BYTES = encodeCheckpointMetadata(completedFor(1).metadata);
const PLAIN: MetadataToStore = {
  checkpoint: CP_1,
  directory: undefined,
  bytes: BYTES,
  retainedBytes: undefined,
};

async function prepared(): Promise<[CrashableFileSystem, FileSystemCheckpointStorage]> {
  const filesystem = new CrashableFileSystem();
  const storage = new FileSystemCheckpointStorage({
    store: new FileArtefactStore(filesystem),
    baseDirectory: '/base',
  });
  await storage.initializeBase(JOB);
  return [filesystem, storage];
}

test('stored, certainly not stored, and unknown are told apart', async (t) => {
  const cases = [
    ['create', /inprogress/, 'failed'],
    ['sync', /inprogress/, 'failed'],
    ['link', /_metadata$/, 'unknown'],
    ['sync', /chk-1$/, 'unknown'],
  ] as const;
  for (const [operation, path, kind] of cases) {
    const [filesystem, storage] = await prepared();
    filesystem.failNext(operation, path);
    t.is((await publishCheckpoint(storage, JOB, PLAIN)).kind, kind);
    // Asked again, it settles.
    t.is((await publishCheckpoint(storage, JOB, PLAIN)).kind, 'stored');
  }
});

test('a stop-with-savepoint is found by the next JobManager; half of it is unknown', async (t) => {
  const [filesystem, storage] = await prepared();
  const directory = await storage.initializeSavepoint(JOB, '/savepoints', 'ab12');
  const both = { ...PLAIN, directory, retainedBytes: BYTES };
  filesystem.failNext('create', /chk-1\/_metadata/);
  t.is((await publishCheckpoint(storage, JOB, both)).kind, 'unknown');
  const result = await publishCheckpoint(storage, JOB, both);
  t.deepEqual(result, { kind: 'stored', pointer: directory });
  t.is((await storage.listCheckpoints(JOB)).length, 1);
});
