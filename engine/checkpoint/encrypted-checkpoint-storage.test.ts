// Encryption around a storage as a whole: it never gets to see a plain byte of state, and
// everything else about it stays as it was.

import test from 'ava';

import { crc32c } from '../core/crc32c.ts';
import { type ErrorCode, OnceproofError } from '../core/errors.ts';
import { checkpointId, jobId } from '../core/ids.ts';
import type { Environment } from '../environment/environment.ts';
import { SeededRandom } from '../environment/seeded-random.ts';
import type { CheckpointStorageAccess } from './checkpoint-storage.ts';
import { EncryptedCheckpointStorage } from './encrypted-checkpoint-storage.ts';
import type { EncryptionKey } from './encryption-keys.ts';
import { encodeCheckpointMetadata } from './metadata-format.ts';
import { directoryCheckpointStorage } from './store-checkpoint-storage.ts';
import { CrashableFileSystem } from './testing/crashable-file-system.ts';
import { completedFor } from './testing/handles.ts';

const JOB = jobId('job');
const SECRET = Uint8Array.from('a secret of some length', (letter) => letter.charCodeAt(0));

function keyOf(id: string, fill: number): EncryptionKey {
  return { id, bytes: new Uint8Array(32).fill(fill) };
}

function open(
  files: CrashableFileSystem,
  key: () => EncryptionKey = () => keyOf('k1', 1),
): CheckpointStorageAccess {
  let calls = 0;
  const randomBytes = (length: number): Uint8Array => new Uint8Array(length).fill(++calls);
  const random = new SeededRandom('encrypted');
  const parts = { filesystem: files, random, services: { randomBytes } };
  const environment = parts as unknown as Environment;
  const storage = new EncryptedCheckpointStorage(directoryCheckpointStorage('/base'), { key });
  return storage.open({
    environment,
    job: JOB,
    storeDirectory: undefined,
    dataInlineThresholdBytes: 200,
  });
}

function metadataBytes(id: number, job = 'job'): Uint8Array {
  const { metadata } = completedFor(id);
  return encodeCheckpointMetadata({ ...metadata, job: jobId(job), jobName: 'secret name' });
}

async function codeOf(operation: Promise<unknown>): Promise<string> {
  return operation.then(
    () => 'done',
    (error: unknown) => (error instanceof OnceproofError ? error.code : String(error)),
  );
}

function holds(bytes: Uint8Array, part: Uint8Array): boolean {
  return Buffer.from(bytes).includes(Buffer.from(part));
}

async function store(
  { coordinator }: CheckpointStorageAccess,
  id: number,
  bytes: Uint8Array,
): Promise<string> {
  const checkpoint = checkpointId(id);
  return coordinator.storeMetadata({ job: JOB, checkpoint, directory: undefined, bytes });
}

test('artefacts come back, large or small, and nobody has seen a byte of them', async (t) => {
  const files = new CrashableFileSystem();
  const { coordinator, worker } = open(files);
  await coordinator.initializeBase(JOB);
  await coordinator.initializeCheckpoint(JOB, checkpointId(1));
  const streams = worker.streamsFor(checkpointId(1), undefined);
  for (const repeats of [0, 1, 100, 5_000]) {
    const content = Buffer.concat(Array.from({ length: repeats }, () => SECRET));
    const output = streams.open('exclusive', 'op');
    for (let at = 0; at < content.length; at += 900) {
      await output.write(content.subarray(at, at + 900));
    }
    const handle = await output.close();
    t.is(handle.kind, repeats < 2 ? 'inline' : 'file');
    t.deepEqual(await worker.read(handle), new Uint8Array(content));
    if (handle.kind === 'inline') t.false(holds(handle.bytes, SECRET));
    else t.false(holds(await files.read(handle.path), SECRET));
  }
});

test('metadata comes back, and only its number and job can be seen', async (t) => {
  const files = new CrashableFileSystem();
  const access = open(files);
  const bytes = metadataBytes(3);
  const pointer = await store(access, 3, bytes);
  t.deepEqual(await access.coordinator.readMetadata(pointer), bytes);
  const stored = await files.read('/base/job/chk-3/_metadata');
  t.false(holds(stored, Buffer.from('secret name')));
  t.true(holds(stored, Buffer.from('job')));
  const [listed] = await access.coordinator.listCheckpoints(JOB);
  t.like(listed, { checkpoint: checkpointId(3), pointer });
});

test('storing the same metadata again is fine, also from another host', async (t) => {
  const files = new CrashableFileSystem();
  await store(open(files), 3, metadataBytes(3));
  await t.notThrowsAsync(store(open(files), 3, metadataBytes(3)));
  const other = encodeCheckpointMetadata({ ...completedFor(3).metadata, timestampMs: 9 });
  t.is(await codeOf(store(open(files), 3, other)), 'OP-E507');
});

const WRONG: readonly (readonly [ErrorCode, () => EncryptionKey])[] = [
  ['OP-E571', () => keyOf('k2', 1)],
  ['OP-E572', () => keyOf('k1', 2)],
];

for (const [code, key] of WRONG) {
  test(`a key that does not fit is refused: ${code}`, async (t) => {
    const files = new CrashableFileSystem();
    const access = open(files);
    const pointer = await store(access, 3, metadataBytes(3));
    const output = access.worker.streamsFor(checkpointId(3), undefined).open('exclusive', 'op');
    await output.write(SECRET);
    const handle = await output.close();
    const wrong = open(files, key);
    t.is(await codeOf(wrong.coordinator.readMetadata(pointer)), code);
    t.is(await codeOf(wrong.worker.read(handle)), code);
  });
}

test('an envelope that says it is another checkpoint is not opened', async (t) => {
  const files = new CrashableFileSystem();
  const access = open(files);
  await store(access, 3, metadataBytes(3));
  await store(access, 4, metadataBytes(4));
  // The outer number alone is changed, and its checksum made right again.
  const path = '/base/job/chk-3/_metadata';
  files.damage(path, (bytes) => {
    bytes[16] = 4;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    view.setUint32(12, crc32c(bytes.subarray(16), crc32c(bytes.subarray(0, 12))));
    return bytes;
  });
  await files.write('/base/job/chk-4/_metadata', await files.read(path));
  t.is(await codeOf(access.coordinator.readMetadata('/base/job/chk-4')), 'OP-E503');
});

test('metadata that is not encrypted is refused', async (t) => {
  const files = new CrashableFileSystem();
  const access = open(files);
  const pointer = await store(access, 3, metadataBytes(3));
  await files.write(`${pointer}/_metadata`, metadataBytes(3));
  t.is(await codeOf(access.coordinator.readMetadata(pointer)), 'OP-E573');
});
