// What a new leader finds, and what it does about it. Reading checkpoints has tests of its own.

import test from 'ava';

import { FileArtefactStore } from '../../checkpoint/file-artefact-store.ts';
import { FileSystemCheckpointStorage } from '../../checkpoint/file-system-checkpoint-storage.ts';
import { encodeCheckpointMetadata } from '../../checkpoint/metadata-format.ts';
import { CrashableFileSystem } from '../../checkpoint/testing/crashable-file-system.ts';
import { checkpointId } from '../../core/ids.ts';
import type { FileSystem } from '../../environment/filesystem.ts';
import { twoVertices } from '../testing/graphs.ts';
import { type Recovered, recoverJob } from './job-recovery.ts';
import { JobStore } from './job-store.ts';

class World {
  readonly filesystem = new CrashableFileSystem();
  readonly graph = twoVertices();

  get store(): JobStore {
    return new JobStore(this.filesystem, '/store');
  }

  recover(pointer?: string): Promise<Recovered> {
    const { filesystem, graph, store } = this;
    return recoverJob({
      graph,
      store,
      storage: new FileSystemCheckpointStorage({
        store: new FileArtefactStore(filesystem),
        baseDirectory: '/checkpoints',
      }),
      settings: { pointer },
      read: () => Promise.reject(new Error('nothing to read')),
    });
  }
}

test('the first leader finds nothing and starts from the beginning', async (t) => {
  const found = await new World().recover();
  t.deepEqual(found, {
    kind: 'ready',
    leaderEpoch: 1,
    checkpointIdFloor: 0,
    checkpoints: [],
    claimed: true,
  });
});

test('every leader, whether it gets to work or not, uses up an epoch', async (t) => {
  const world = new World();
  t.is((await world.recover()).leaderEpoch, 1);
  await t.throwsAsync(world.recover('/savepoints/none'), { code: 'OP-E505' });
  t.is((await world.recover()).leaderEpoch, 3);
});

test('ids that were reserved are not given again, even if nothing was stored', async (t) => {
  const world = new World();
  await world.recover();
  await world.store.reserveCheckpointId(checkpointId(41));
  world.filesystem.crash();
  const found = await world.recover();
  t.is(found.kind === 'ready' ? found.checkpointIdFloor : undefined, 41);
});

test('a stored result binds: the job is not run again', async (t) => {
  const world = new World();
  await world.recover();
  await world.store.storeResult({ state: 'finished', cause: undefined });
  world.filesystem.crash();
  const found = await world.recover();
  t.is(found.kind, 'already-ended');
  t.deepEqual(found.kind === 'already-ended' ? found.result : undefined, {
    state: 'finished',
  } as never);
});

test('a savepoint that cannot be read is refused, and the place is named', async (t) => {
  const error = await t.throwsAsync(new World().recover('/savepoints/none'), { code: 'OP-E505' });
  t.regex((error as { readonly place?: string }).place ?? '', /\/savepoints\/none/);
});

test('a checkpoint that was complete and is gone is refused, and not passed over', async (t) => {
  const world = new World();
  await world.recover();
  await world.store.recordCompleted(checkpointId(7));
  world.filesystem.crash();
  const error = await t.throwsAsync(world.recover(), { code: 'OP-E505' });
  t.regex(error?.message ?? '', /checkpoint 7/);
  t.regex((error as { readonly place?: string }).place ?? '', /chk-7\/_metadata$/);
});

test('once the job is over its checkpoints may go, and none is missed', async (t) => {
  const world = new World();
  await world.recover();
  const { store } = world;
  await store.recordCompleted(checkpointId(7));
  await store.storeResult({ state: 'failed', cause: undefined });
  // One that was being stored comes too late to be counted on.
  await store.recordCompleted(checkpointId(8));
  await store.clearResult();
  t.is((await world.recover()).kind, 'ready');
});

test('what a leader restores from it has made durable first', async (t) => {
  const world = new World();
  await world.recover();
  const { filesystem, graph } = world;
  const directory = `/checkpoints/${graph.id}/chk-4`;
  // The leader before died between giving the metadata its name and syncing the directory.
  const dying: FileSystem = {
    ...bound(filesystem),
    sync: (path) =>
      path === directory ? Promise.reject(new Error('killed')) : filesystem.sync(path),
  };
  const storage = new FileSystemCheckpointStorage({
    store: new FileArtefactStore(dying),
    baseDirectory: '/checkpoints',
  });
  await storage.initializeCheckpoint(graph.id, checkpointId(4));
  const bytes = encodeCheckpointMetadata({
    checkpoint: checkpointId(4),
    job: graph.id,
    jobName: graph.name,
    timestampMs: 0,
    properties: { type: 'checkpoint', stop: 'no' },
    vertices: [],
  });
  const options = { job: graph.id, checkpoint: checkpointId(4), directory: undefined, bytes };
  await t.throwsAsync(storage.storeMetadata(options));
  for (const leader of ['finds it', 'finds it again, after a loss of power']) {
    const found = await world.recover();
    t.deepEqual(found.kind === 'ready' ? found.checkpoints.map(({ id }) => id) : [], [4], leader);
    filesystem.crash();
  }
});

function bound(filesystem: CrashableFileSystem): FileSystem {
  return {
    read: filesystem.read.bind(filesystem),
    write: filesystem.write.bind(filesystem),
    create: filesystem.create.bind(filesystem),
    append: filesystem.append.bind(filesystem),
    truncate: filesystem.truncate.bind(filesystem),
    sync: filesystem.sync.bind(filesystem),
    rename: filesystem.rename.bind(filesystem),
    link: filesystem.link.bind(filesystem),
    remove: filesystem.remove.bind(filesystem),
    makeDirectory: filesystem.makeDirectory.bind(filesystem),
    list: filesystem.list.bind(filesystem),
    status: filesystem.status.bind(filesystem),
  };
}
