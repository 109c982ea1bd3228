// Checkpoints inside the JobManager: inline, limited, and durable only with a directory.

import test from 'ava';

import { OnceproofError } from '../core/errors.ts';
import { checkpointId, jobId } from '../core/ids.ts';
import { JobManagerCheckpointStorage } from './job-manager-checkpoint-storage.ts';
import { encodeCheckpointMetadata } from './metadata-format.ts';
import { CrashableFileSystem } from './testing/crashable-file-system.ts';
import { completedFor } from './testing/handles.ts';

const JOB = jobId('job');
const CP_1 = checkpointId(1);
const BYTES = encodeCheckpointMetadata(completedFor(1).metadata);
const REQUEST = { job: JOB, checkpoint: CP_1, directory: undefined, bytes: BYTES };

function storageOn(
  filesystem: CrashableFileSystem,
  directory: string | undefined,
): JobManagerCheckpointStorage {
  return new JobManagerCheckpointStorage({ filesystem, directory, maxStateSizeBytes: 10 });
}

test('state is inline and comes back verified', async (t) => {
  const storage = storageOn(new CrashableFileSystem(), undefined);
  const output = storage.streamsFor(checkpointId(1), undefined).open('exclusive', 'count:0');
  await output.write(Uint8Array.of(1, 2));
  await output.write(Uint8Array.of(3));
  const handle = await output.close();
  t.is(handle.kind, 'inline');
  t.deepEqual(await storage.read(handle), Uint8Array.of(1, 2, 3));
  t.deepEqual(
    await t.throwsAsync(storage.read({ ...handle, checksum: handle.checksum ^ 1 })).then(codeOf),
    'OP-E503',
  );
});

test('a state beyond the limit is refused by name, with a remedy', async (t) => {
  const storage = storageOn(new CrashableFileSystem(), undefined);
  const output = storage.streamsFor(checkpointId(1), undefined).open('exclusive', 'count:0');
  await output.write(new Uint8Array(10));
  const error = await t.throwsAsync(output.write(Uint8Array.of(1)), { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E406');
  t.is(error?.place, 'count:0');
  t.truthy(error?.remedy);
});

test('without a directory checkpoints are kept in memory, and gone with it', async (t) => {
  const files = new CrashableFileSystem();
  const storage = storageOn(files, undefined);
  await storage.initializeBase(JOB);
  await storage.initializeCheckpoint(JOB, CP_1);
  const pointer = await storage.storeMetadata(REQUEST);
  t.deepEqual(await storage.listCheckpoints(JOB), [{ checkpoint: CP_1, pointer }]);
  t.deepEqual(await storage.listCheckpoints(jobId('jo')), []);
  t.deepEqual(await storage.readMetadata(pointer), BYTES);
  t.deepEqual(files.paths(), []);
  t.deepEqual(await storageOn(files, undefined).listCheckpoints(JOB), []);
  await storage.discardCheckpoint(JOB, CP_1);
  t.is(await t.throwsAsync(storage.readMetadata(pointer)).then(codeOf), 'OP-E501');
});

test('with a directory they outlive the JobManager and a loss of power', async (t) => {
  const files = new CrashableFileSystem();
  const storage = storageOn(files, '/ha');
  await storage.initializeBase(JOB);
  await storage.initializeCheckpoint(JOB, CP_1);
  await storage.storeMetadata(REQUEST);
  files.crash();
  const [found] = await storageOn(files, '/ha').listCheckpoints(JOB);
  t.is(found?.checkpoint, CP_1);
  t.deepEqual(await storageOn(files, '/ha').readMetadata(found?.pointer ?? ''), BYTES);
});

test('savepoints go to their own directory, with or without one for checkpoints', async (t) => {
  const files = new CrashableFileSystem();
  const storage = storageOn(files, undefined);
  const directory = await storage.initializeSavepoint(JOB, '/savepoints', 'ab12');
  const pointer = await storage.storeMetadata({ ...REQUEST, directory });
  files.crash();
  t.is(pointer, '/savepoints/savepoint-job-ab12');
  t.deepEqual(await storage.readMetadata(pointer), BYTES);
});

function codeOf(error: unknown): string | undefined {
  return error instanceof OnceproofError ? error.code : undefined;
}
