// Checkpoints in a directory: what a crash leaves, what damage is called, and what is deleted.

import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';

import { OnceproofError } from '../core/errors.ts';
import { checkpointId, jobId } from '../core/ids.ts';
import type { StateHandle } from '../state/state-handle.ts';
import { FileArtefactStore } from './file-artefact-store.ts';
import { FileSystemCheckpointStorage } from './file-system-checkpoint-storage.ts';
import { FileSystemWorkerStorage } from './file-system-worker-storage.ts';
import { encodeCheckpointMetadata } from './metadata-format.ts';
import { CrashableFileSystem } from './testing/crashable-file-system.ts';
import { completedFor } from './testing/handles.ts';

const JOB = jobId('job');
const CP_1 = checkpointId(1);

interface Disk {
  readonly files: CrashableFileSystem;
  readonly storage: FileSystemCheckpointStorage;
  readonly worker: FileSystemWorkerStorage;
}

function disk(dataInlineThresholdBytes = 4): Disk {
  const files = new CrashableFileSystem();
  const common = { store: new FileArtefactStore(files), baseDirectory: '/data/checkpoints' };
  return {
    files,
    storage: new FileSystemCheckpointStorage({ ...common, fencingToken: 'leader@1' }),
    worker: new FileSystemWorkerStorage({ ...common, job: JOB, dataInlineThresholdBytes }),
  };
}

async function begin({ storage }: Disk, id = 1): Promise<void> {
  await storage.initializeBase(JOB);
  await storage.initializeCheckpoint(JOB, checkpointId(id));
}

async function publish({ storage }: Disk, id = 1): Promise<string> {
  const bytes = encodeCheckpointMetadata(completedFor(id).metadata);
  return storage.storeMetadata({
    job: JOB,
    checkpoint: checkpointId(id),
    directory: undefined,
    bytes,
  });
}

async function artefact(
  { worker }: Disk,
  options: { id?: number; scope?: 'exclusive' | 'shared'; bytes?: Uint8Array; hint?: string } = {},
): Promise<StateHandle> {
  const {
    id = 1,
    scope = 'exclusive',
    bytes = Uint8Array.of(1, 2, 3, 4, 5),
    hint = 'op:0',
  } = options;
  const output = worker.streamsFor(checkpointId(id), undefined).open(scope, hint);
  await output.write(bytes);
  return output.close();
}

async function code(t: ExecutionContext, promise: Promise<unknown>): Promise<string> {
  const error = await t.throwsAsync(promise, { instanceOf: OnceproofError });
  return error?.code ?? 'none';
}

test('an acknowledged artefact and a stored checkpoint outlive a crash', async (t) => {
  const at = disk();
  await begin(at);
  const handle = await artefact(at);
  const pointer = await publish(at);
  at.files.crash();
  t.deepEqual(await at.worker.read(handle), Uint8Array.of(1, 2, 3, 4, 5));
  t.deepEqual(await at.storage.listCheckpoints(JOB), [{ checkpoint: CP_1, pointer }]);
  await at.storage.readMetadata(pointer);
  await at.storage.readMetadata(`${pointer}/_metadata`);
});

test('a crash at any call while storing leaves no metadata, or the whole', async (t) => {
  const calls = await countCalls();
  for (let crashAt = 0; crashAt <= calls; crashAt++) {
    const at = disk();
    await begin(at);
    const before = at.files.calls.length;
    // Every call from there on fails, as it does for a host that is gone.
    const dying = dyingAfter(at.files, before + crashAt);
    const storage = new FileSystemCheckpointStorage({
      store: new FileArtefactStore(dying),
      baseDirectory: '/data/checkpoints',
    });
    const bytes = encodeCheckpointMetadata(completedFor(1).metadata);
    const request = { job: JOB, checkpoint: CP_1, directory: undefined, bytes };
    const isStored = await storage.storeMetadata(request).then(
      () => true,
      () => false,
    );
    at.files.crash();
    const found = await at.storage.listCheckpoints(JOB);
    if (isStored) t.is(found.length, 1);
    for (const { pointer } of found) await at.storage.readMetadata(pointer);
  }
});

async function countCalls(): Promise<number> {
  const at = disk();
  await begin(at);
  const before = at.files.calls.length;
  await publish(at);
  return at.files.calls.length - before;
}

function dyingAfter(files: CrashableFileSystem, calls: number): CrashableFileSystem {
  return new Proxy(files, {
    get(target, name: keyof CrashableFileSystem) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (target.calls.length < calls) return Reflect.apply(member, target, args);
        return Promise.reject(new Error('the host is gone'));
      };
    },
  });
}

test('storing again after an unknown outcome makes it durable', async (t) => {
  const at = disk();
  await begin(at);
  at.files.failNext('sync', /chk-1$/);
  await t.throwsAsync(publish(at));
  at.files.failNext('sync', /chk-1$/);
  await t.throwsAsync(publish(at));
  await publish(at);
  at.files.crash();
  t.is((await at.storage.listCheckpoints(JOB)).length, 1);
  t.deepEqual(
    at.files.paths().filter((path) => path.endsWith('_metadata')),
    ['/data/checkpoints/job/chk-1/_metadata'],
  );
});

test('another JobManager cannot replace what is published', async (t) => {
  const at = disk();
  await begin(at);
  await publish(at);
  const bytes = encodeCheckpointMetadata({ ...completedFor(1).metadata, timestampMs: 99 });
  const request = { job: JOB, checkpoint: CP_1, directory: undefined, bytes };
  t.is(await code(t, at.storage.storeMetadata(request)), 'OP-E507');
});

test('a failure before the name exists is certain; one after it is not', async (t) => {
  for (const operation of ['create', 'sync'] as const) {
    const at = disk();
    await begin(at);
    at.files.failNext(operation, /inprogress/);
    t.is(await code(t, publish(at)), 'OP-E507');
    t.deepEqual(await at.storage.listCheckpoints(JOB), []);
  }
  const at = disk();
  await begin(at);
  at.files.failNext('sync', /chk-1$/);
  const error = await t.throwsAsync(publish(at));
  t.false(error instanceof OnceproofError);
});

test('checkpoints are listed by number, and half-made ones are not', async (t) => {
  const at = disk();
  for (const id of [9, 10, 100, 2]) {
    await begin(at, id);
    await publish(at, id);
  }
  await begin(at, 11);
  at.files.failNext('link', /chk-11/);
  await t.throwsAsync(publish(at, 11));
  await at.files.makeDirectory('/data/checkpoints/job/chk-x');
  await at.files.write('/data/checkpoints/job/chk-x/_metadata', Uint8Array.of(1));
  const found = await at.storage.listCheckpoints(JOB);
  t.deepEqual(
    found.map(({ checkpoint }) => Number(checkpoint)),
    [2, 9, 10, 100],
  );
});

test('a job that has no directory has no checkpoints', async (t) => {
  t.deepEqual(await disk().storage.listCheckpoints(JOB), []);
});

test('small exclusive artefacts travel inline, shared and larger ones are files', async (t) => {
  const at = disk(4);
  await begin(at);
  const bytes = Uint8Array.of(1, 2, 3);
  t.is((await artefact(at, { bytes })).kind, 'inline');
  t.is((await artefact(at, { bytes, scope: 'shared' })).kind, 'file');
  t.is((await artefact(at)).kind, 'file');
});

test('an artefact comes back whole, however it was cut into writes', async (t) => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(400), async (raw, threshold) => {
      const at = disk(threshold);
      await begin(at);
      const output = at.worker.streamsFor(CP_1, undefined).open('exclusive', 'op');
      for (const piece of raw) await output.write(Uint8Array.from(piece));
      const handle = await output.close();
      at.files.crash();
      t.deepEqual(
        Array.from(await at.worker.read(handle)),
        raw.flatMap((piece) => Array.from(piece)),
      );
    }),
    { numRuns: 40 },
  );
});

test('artefacts never share a name, though their hints are the same', async (t) => {
  const at = disk();
  await begin(at);
  const other = new FileSystemWorkerStorage({
    store: new FileArtefactStore(at.files),
    baseDirectory: '/data/checkpoints',
    job: JOB,
    dataInlineThresholdBytes: 0,
  });
  const handles = [
    await artefact(at, { hint: 'a:b' }),
    await artefact(at, { hint: 'a/b' }),
    await artefact({ ...at, worker: other }, { hint: 'a b' }),
  ];
  const paths = new Set(handles.map((handle) => (handle.kind === 'file' ? handle.path : '')));
  t.is(paths.size, 3);
});

test('a discarded artefact is removed, and an artefact that failed is no state', async (t) => {
  const at = disk();
  await begin(at);
  const output = at.worker.streamsFor(CP_1, undefined).open('exclusive', 'op');
  await output.write(new Uint8Array(300 * 1024));
  t.is(at.files.paths().length, 1);
  await output.discard();
  t.deepEqual(at.files.paths(), []);
  at.files.failNext('sync', /op-/);
  await t.throwsAsync(artefact(at, { hint: 'op' }));
});

test('a missing, a truncated and an altered artefact are told apart, by path', async (t) => {
  const at = disk();
  await begin(at);
  const handle = await artefact(at);
  const path = handle.kind === 'file' ? handle.path : '';
  at.files.damage(path, (bytes) => bytes.with(2, 9));
  t.is(await code(t, at.worker.read(handle)), 'OP-E503');
  at.files.damage(path, (bytes) => bytes.subarray(0, 3));
  const error = await t.throwsAsync(at.worker.read(handle), { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E502');
  t.is(error?.place, path);
  await at.files.remove(path);
  t.is(await code(t, at.worker.read(handle)), 'OP-E501');
});

test('a file system that fails is not called a missing artefact', async (t) => {
  const at = disk();
  await begin(at);
  const handle = await artefact(at);
  at.files.failNext('read', /op/);
  const error = await t.throwsAsync(at.worker.read(handle));
  t.false(error instanceof OnceproofError);
});

test('a checkpoint is discarded metadata first, durably', async (t) => {
  const at = disk();
  await begin(at);
  await artefact(at);
  await publish(at);
  at.files.failNext('status', /chk-1$/);
  await t.throwsAsync(at.storage.discardCheckpoint(JOB, CP_1));
  at.files.crash();
  t.deepEqual(await at.storage.listCheckpoints(JOB), []);
  await at.storage.discardCheckpoint(JOB, CP_1);
  await at.storage.discardCheckpoint(JOB, CP_1);
  t.deepEqual(at.files.paths(), []);
});

test('a sweep removes orphans, and spares what is retained, in use, or newer', async (t) => {
  const at = disk();
  const kept: StateHandle[] = [];
  for (const id of [1, 2, 3, 4]) {
    await begin(at, id);
    kept.push(await artefact(at, { id, scope: 'shared' }));
    await artefact(at, { id });
    if (id !== 4) await publish(at, id);
  }
  const used = kept.flatMap((handle) => (handle.kind === 'file' ? [handle.path] : [])).slice(0, 1);
  await at.storage.sweep(JOB, [checkpointId(3)], new Set(used), checkpointId(3));
  const names = at.files.paths().map((path) => path.replace('/data/checkpoints/job/', ''));
  t.deepEqual(names, [
    'chk-3/_metadata',
    'chk-3/op_0-6',
    'chk-4/op_0-8',
    'shared/1-op_0-1',
    'shared/4-op_0-7',
  ]);
});

test('where nothing is retained a sweep removes what earlier leaders began', async (t) => {
  const at = disk();
  await begin(at);
  await artefact(at);
  await at.storage.sweep(JOB, [], new Set(), checkpointId(0));
  t.is(at.files.paths().length, 1);
  await at.storage.sweep(JOB, [], new Set(), checkpointId(1));
  t.deepEqual(at.files.paths(), []);
});

test('what is left of a job goes with it', async (t) => {
  const at = disk();
  await begin(at);
  await artefact(at);
  await at.storage.removeJob(JOB);
  t.deepEqual(at.files.paths(), []);
});

test('every savepoint has a directory of its own, and its artefacts lie in it', async (t) => {
  const at = disk();
  const first = await at.storage.initializeSavepoint(JOB, '/savepoints', 'ab12');
  const second = await at.storage.initializeSavepoint(JOB, '/savepoints', 'ab12');
  t.is(first, '/savepoints/savepoint-job-ab12');
  t.not(first, second);
  const output = at.worker.streamsFor(CP_1, first).open('shared', 'op');
  await output.write(Uint8Array.of(1, 2, 3, 4, 5));
  const handle = await output.close();
  t.like(handle, { kind: 'file', scope: 'exclusive' });
  t.true(handle.kind === 'file' && handle.path.startsWith(`${first}/`));
});
