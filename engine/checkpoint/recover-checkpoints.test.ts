// Which checkpoint a job goes on from, and when it rather stops.

import test from 'ava';

import { checkpointId, jobId, jobVertexId } from '../core/ids.ts';
import { FileSystemError } from '../environment/filesystem.ts';
import type { StateHandle } from '../state/state-handle.ts';
import { FileArtefactStore } from './file-artefact-store.ts';
import { FileSystemCheckpointStorage } from './file-system-checkpoint-storage.ts';
import { FileSystemWorkerStorage } from './file-system-worker-storage.ts';
import { encodeCheckpointMetadata } from './metadata-format.ts';
import { recoverCheckpoints, recoverPointer, type Recovery } from './recover-checkpoints.ts';
import { CrashableFileSystem } from './testing/crashable-file-system.ts';
import { completedFor, snapshotOf } from './testing/handles.ts';
import { verifyCheckpoint } from './verify-checkpoint.ts';

const JOB = jobId('job');

class Directory {
  readonly files = new CrashableFileSystem();
  readonly storage = new FileSystemCheckpointStorage({
    store: new FileArtefactStore(this.files),
    baseDirectory: '/checkpoints',
  });
  readonly worker = new FileSystemWorkerStorage({
    store: new FileArtefactStore(this.files),
    baseDirectory: '/checkpoints',
    job: JOB,
    dataInlineThresholdBytes: 0,
  });

  /** With one artefact, whose path it returns. */
  async checkpoint(id: number): Promise<string> {
    const checkpoint = checkpointId(id);
    await this.storage.initializeBase(JOB);
    await this.storage.initializeCheckpoint(JOB, checkpoint);
    const output = this.worker.streamsFor(checkpoint, undefined).open('exclusive', 'op');
    await output.write(Uint8Array.of(1, 2, 3));
    const state = await output.close();
    const bytes = encodeCheckpointMetadata(metadataWith(id, state));
    await this.storage.storeMetadata({ job: JOB, checkpoint, directory: undefined, bytes });
    return state.kind === 'file' ? state.path : '';
  }

  recover(allowFallback = false): Promise<Recovery> {
    const read = (handle: StateHandle): Promise<Uint8Array> => this.worker.read(handle);
    return recoverCheckpoints({ storage: this.storage, job: JOB, read, allowFallback });
  }
}

function metadataWith(id: number, state: StateHandle): ReturnType<typeof completedFor>['metadata'] {
  const [operator] = snapshotOf({ exclusive: ['/replaced'] }).operators;
  const operators =
    operator === undefined
      ? []
      : [{ ...operator, keyed: operator.keyed.map((keyed) => ({ ...keyed, state })) }];
  return completedFor(id, undefined, [
    {
      vertex: jobVertexId('v'),
      name: 'v',
      parallelism: 1,
      maxParallelism: 128,
      operators: [],
      subtasks: [{ operators, channels: [], finished: false }],
      fullyFinished: false,
    },
  ]).metadata;
}

test('without a checkpoint there is nothing to restore', async (t) => {
  const recovery = await new Directory().recover();
  t.deepEqual(recovery, { decision: { kind: 'none' }, highestId: 0 });
});

test('the newest is restored, and older ones are still known', async (t) => {
  const directory = new Directory();
  for (const id of [1, 2, 3]) await directory.checkpoint(id);
  const { decision, highestId } = await directory.recover();
  if (decision.kind !== 'restore') return t.fail();
  t.is(decision.checkpoint.id, checkpointId(3));
  t.deepEqual(
    decision.older.map(({ id }) => Number(id)),
    [1, 2],
  );
  t.is(highestId, 3);
});

test('damage to the newest stops the job and names the artefact', async (t) => {
  for (const target of ['artefact', 'metadata'] as const) {
    for (const harm of ['flip', 'cut', 'remove'] as const) {
      const directory = new Directory();
      await directory.checkpoint(1);
      const artefact = await directory.checkpoint(2);
      const path = target === 'artefact' ? artefact : '/checkpoints/job/chk-2/_metadata';
      if (target === 'metadata' && harm === 'remove') continue;
      if (harm === 'remove') await directory.files.remove(path);
      else if (harm === 'cut') directory.files.damage(path, (bytes) => bytes.subarray(0, 2));
      else directory.files.damage(path, (bytes) => bytes.with(1, (bytes[1] ?? 0) ^ 1));
      const { decision, highestId } = await directory.recover();
      if (decision.kind !== 'refused') return t.fail(`${target} ${harm}`);
      t.is(decision.error.code, 'OP-E505');
      t.is(decision.error.place, path);
      t.is(highestId, 2);
    }
  }
});

test('a read that fails is no damage: recovery fails and may be retried', async (t) => {
  for (const path of [/chk-2\/_metadata/, /chk-2\/op/]) {
    for (const allowFallback of [false, true]) {
      const directory = new Directory();
      await directory.checkpoint(1);
      await directory.checkpoint(2);
      directory.files.failNext('read', path);
      await t.throwsAsync(directory.recover(allowFallback), { instanceOf: FileSystemError });
      const { decision } = await directory.recover(allowFallback);
      t.is(decision.kind === 'restore' ? Number(decision.checkpoint.id) : 0, 2);
    }
  }
});

test('where falling back is allowed, the newest whole one is restored', async (t) => {
  const directory = new Directory();
  await directory.checkpoint(1);
  directory.files.damage(await directory.checkpoint(2), () => new Uint8Array(0));
  directory.files.damage(await directory.checkpoint(3), () => new Uint8Array(0));
  const { decision, highestId } = await directory.recover(true);
  if (decision.kind !== 'restore') return t.fail();
  t.is(decision.checkpoint.id, checkpointId(1));
  t.deepEqual(
    decision.unreadable.map(({ id }) => Number(id)),
    [2, 3],
  );
  t.is(highestId, 3);
});

test('nothing whole to fall back to is not permission to start from nothing', async (t) => {
  const directory = new Directory();
  directory.files.damage(await directory.checkpoint(1), () => new Uint8Array(0));
  t.is((await directory.recover(true)).decision.kind, 'refused');
});

test('damage to older checkpoints does not stop a whole newest one', async (t) => {
  const directory = new Directory();
  await directory.checkpoint(1);
  directory.files.damage('/checkpoints/job/chk-1/_metadata', () => new Uint8Array(0));
  await directory.checkpoint(2);
  const { decision } = await directory.recover();
  if (decision.kind !== 'restore') return t.fail();
  t.is(decision.checkpoint.id, checkpointId(2));
  t.deepEqual(
    decision.unreadable.map(({ id }) => Number(id)),
    [1],
  );
});

test('metadata in the wrong directory is not taken for the checkpoint of that name', async (t) => {
  const directory = new Directory();
  await directory.checkpoint(1);
  await directory.checkpoint(2);
  const bytes = await directory.files.read('/checkpoints/job/chk-1/_metadata');
  directory.files.damage('/checkpoints/job/chk-2/_metadata', () => bytes);
  t.is((await directory.recover()).decision.kind, 'refused');
});

test('a pointer is read as a directory or a file, and verified as well', async (t) => {
  const directory = new Directory();
  const artefact = await directory.checkpoint(5);
  const options = {
    storage: directory.storage,
    read: (handle: StateHandle) => directory.worker.read(handle),
  };
  for (const pointer of ['/checkpoints/job/chk-5', '/checkpoints/job/chk-5/_metadata']) {
    const decision = await recoverPointer({ ...options, pointer });
    t.is(decision.kind === 'restore' ? Number(decision.checkpoint.id) : 0, 5);
  }
  directory.files.damage(artefact, (bytes) => bytes.with(0, 77));
  t.is((await recoverPointer({ ...options, pointer: '/checkpoints/job/chk-5' })).kind, 'refused');
  t.is((await recoverPointer({ ...options, pointer: '/nowhere' })).kind, 'refused');
});

test('verifying reads each file once and reports each that is damaged', async (t) => {
  const shared = snapshotOf({ shared: ['/a', '/b'] });
  const { metadata } = completedFor(1, undefined, [
    {
      vertex: jobVertexId('v'),
      name: 'v',
      parallelism: 2,
      maxParallelism: 128,
      operators: [],
      subtasks: [shared, shared],
      fullyFinished: false,
    },
  ]);
  const reads: string[] = [];
  const problems = await verifyCheckpoint(metadata, async (handle) => {
    const path = handle.kind === 'file' ? handle.path : '';
    reads.push(path);
    if (path === '/b') throw new Error('gone');
    return new Uint8Array(0);
  });
  t.deepEqual(reads, ['/a', '/b']);
  t.deepEqual(
    problems.map(({ place }) => place),
    ['/b'],
  );
});
