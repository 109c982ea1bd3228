// A job starts from a savepoint in another storage than its own: from a bucket onto a directory,
// and the other way round. The snapshot is read and verified there, and never deleted.

import test from 'ava';

import type {
  CheckpointStorage,
  CheckpointStorageAccess,
} from '../../engine/checkpoint/checkpoint-storage.ts';
import { withForeignSavepoints } from '../../engine/checkpoint/foreign-savepoints.ts';
import { encodeCheckpointMetadata } from '../../engine/checkpoint/metadata-format.ts';
import { recoverPointer } from '../../engine/checkpoint/recover-checkpoints.ts';
import { checkpointStorageAt } from '../../engine/checkpoint/storage-at.ts';
import { CrashableFileSystem } from '../../engine/checkpoint/testing/crashable-file-system.ts';
import { completedFor } from '../../engine/checkpoint/testing/handles.ts';
import { checkpointId, jobId, jobVertexId, operatorId } from '../../engine/core/ids.ts';
import type { FileSystem } from '../../engine/environment/filesystem.ts';
import type { StateHandle } from '../../engine/state/state-handle.ts';
import { S3_HOST, S3_KEY, type S3World, startS3World } from './s3-world.ts';

const JOB = jobId('job');
const CLIENTS = { s3: { endpoint: `http://${S3_HOST}:9000`, credentials: S3_KEY } };
const BYTES = Uint8Array.from({ length: 300 }, (_, index) => index & 0xff);

const BUCKET = checkpointStorageAt({ place: 's3://bucket/jobs', ...CLIENTS }, (path) => path);
const DIRECTORY = checkpointStorageAt('/checkpoints', (path) => path);

function open({ world, filesystem }: Stage, storage: CheckpointStorage): CheckpointStorageAccess {
  const context = {
    environment: { ...world.environment(), filesystem },
    job: JOB,
    storeDirectory: undefined,
    dataInlineThresholdBytes: 0,
  };
  return withForeignSavepoints({ access: storage.open(context), context, clients: CLIENTS });
}

interface Stage {
  readonly world: S3World;
  readonly filesystem: FileSystem;
}

async function stage(): Promise<Stage> {
  return { world: await startS3World(), filesystem: new CrashableFileSystem() };
}

/** A savepoint with one artefact; returns where it is. */
async function takeSavepoint({ coordinator, worker }: CheckpointStorageAccess): Promise<string> {
  const id = checkpointId(1);
  const directory = await coordinator.initializeSavepoint(JOB, '/savepoints', 'random');
  const output = worker.streamsFor(id, directory).open('exclusive', 'state');
  await output.write(BYTES);
  const { metadata } = completedFor(1, { type: 'savepoint', stop: 'no' }, [
    vertexWith(await output.close()),
  ]);
  const bytes = encodeCheckpointMetadata(metadata, directory);
  return coordinator.storeMetadata({ job: JOB, checkpoint: id, directory, bytes });
}

function vertexWith(state: StateHandle) {
  const operator = operatorId('op');
  const name = 'op';
  return {
    vertex: jobVertexId('v'),
    name,
    parallelism: 1,
    maxParallelism: 128,
    operators: [{ operator, uid: undefined, name, coordinatorState: undefined }],
    subtasks: [
      {
        operators: [{ operator, keyed: [], operatorState: [{ kind: 'operator' as const, state }] }],
        channels: [],
        finished: false,
      },
    ],
    fullyFinished: false,
  };
}

for (const [from, to, prefix] of [
  [BUCKET, DIRECTORY, ''],
  [DIRECTORY, BUCKET, 'file://'],
] as const) {
  const title = `a savepoint of "${from.description}" is read by a job of "${to.description}"`;
  test(title, async (t) => {
    const on = await stage();
    const { world } = on;
    const place = await world.settle(takeSavepoint(open(on, from)));
    const { coordinator, worker } = open(on, to);
    const pointer = `${prefix}${place}`;
    const read = (handle: StateHandle): Promise<Uint8Array> => worker.read(handle);
    const decision = await world.settle(recoverPointer({ storage: coordinator, pointer, read }));
    t.is(decision.kind, 'restore');
    if (decision.kind !== 'restore') return;
    const [vertex] = decision.checkpoint.metadata.vertices;
    const state = vertex?.subtasks[0]?.operators[0]?.operatorState[0]?.state;
    if (state?.kind !== 'file') return t.fail('no artefact');
    t.regex(state.path, /^(s3|file):\/\//);
    t.false(worker.isOwn(state));
    t.deepEqual(await world.settle(read(state)), BYTES);
    await world.settle(coordinator.discard([state]));
    t.deepEqual(await world.settle(read(state)), BYTES);
    return undefined;
  });
}

test('a place that is no URL is OP-E509, a savepoint that is missing is refused', async (t) => {
  const on = await stage();
  const { world } = on;
  const { coordinator, worker } = open(on, BUCKET);
  t.throws(() => coordinator.pathOf('savepoints/one'), { code: 'OP-E509' });
  const pointer = 'file:///savepoints/none';
  const read = (handle: StateHandle): Promise<Uint8Array> => worker.read(handle);
  const decision = await world.settle(recoverPointer({ storage: coordinator, pointer, read }));
  t.is(decision.kind, 'refused');
});
