// The engine's own ways to make something durable, in every state that a crash can leave after each
// of their calls: as they are, with each of their syncs failing, and killed and begun again.

import test, { type ExecutionContext } from 'ava';

import { FileArtefactStore } from '../../engine/checkpoint/file-artefact-store.ts';
import {
  FileSystemCheckpointStorage,
  type FileSystemCheckpointStorageOptions,
} from '../../engine/checkpoint/file-system-checkpoint-storage.ts';
import { encodeCheckpointMetadata } from '../../engine/checkpoint/metadata-format.ts';
import { completedFor } from '../../engine/checkpoint/testing/handles.ts';
import { FileCommitter } from '../../engine/connector/file-committer.ts';
import { checkpointId, jobId } from '../../engine/core/ids.ts';
import { OnceproofError } from '../../engine/core/errors.ts';
import { type FileSystem, FileSystemError } from '../../engine/environment/filesystem.ts';
import { bytesOf, textOf } from '../../engine/environment/vocabulary.contract.ts';
import { JobStore } from '../../engine/runtime/job/job-store.ts';
import {
  exploreMishaps,
  type Protocol,
} from '../../simulator/filesystem/crash-explorer.contract.ts';
import type { DurabilityProfile } from '../../simulator/filesystem/volume.ts';

const ATTEMPTS_MAX = 3;
const JOB = jobId('job');
const CHECKPOINT = checkpointId(1);
const PENDING = '/out/.part.pending';
const FINISHED = '/out/part';
const SEALED = 'sealed ';

for (const profile of ['posix-strict', 'posix-unforgiving', 'ext4-ordered'] as const) {
  test(`a committed file is there whole and alone after any crash: ${profile}`, async (t) => {
    await holds(t, committing(SEALED), profile);
  });

  test(`what is behind the end of a sealed file never shows: ${profile}`, async (t) => {
    await holds(t, committing(`${SEALED}and more`), profile);
  });

  test(`a checkpoint that was stored can be read after any crash: ${profile}`, async (t) => {
    await holds(t, storing, profile);
  });

  test(`a leader never forgets an epoch, an id or a result: ${profile}`, async (t) => {
    await holds(t, leading, profile);
  });
}

async function holds(
  t: ExecutionContext,
  protocol: Protocol,
  profile: DurabilityProfile,
): Promise<void> {
  const { pointCount, stateCount, complaints } = await exploreMishaps(protocol, profile);
  t.log(`${pointCount} points, ${stateCount} states`);
  t.deepEqual(complaints.slice(0, 5), [], `${complaints.length} states`);
  t.true(stateCount > pointCount);
}

/** The file was sealed for a checkpoint; `pending` is what its host has left of it since. */
function committing(pending: string): Protocol {
  const committable = { pendingPath: PENDING, finishedPath: FINISHED, sizeBytes: SEALED.length };
  return {
    prepare: async (files) => {
      await files.makeDirectory('/out');
      await files.sync('/');
      await files.create(PENDING, bytesOf(pending));
      await files.sync(PENDING);
      await files.sync('/out');
    },
    run: async (files, promise) => {
      const committer = new FileCommitter(files);
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        const { kind } = await committer.commit(committable);
        if (kind === 'committed') return promise('committed');
        if (kind === 'failed') throw new Error('Cannot commit');
      }
    },
    check: async (files, promised) => {
      const isFinished = (await files.status(FINISHED)) !== undefined;
      if (promised.has('committed') && !isFinished) return 'what was committed is gone';
      if (isFinished) {
        const found = textOf(await files.read(FINISHED));
        if (found !== SEALED) return `finished is "${found}"`;
        if ((await files.status(PENDING)) !== undefined) return 'it is there twice';
      }
      const { kind } = await new FileCommitter(files).commit(committable);
      return kind === 'committed' ? undefined : `it cannot be committed anymore: ${kind}`;
    },
  };
}

const metadata = encodeCheckpointMetadata(completedFor(1).metadata);
const ARTEFACT = '/cp/job/chk-1/artefact';

const storing: Protocol = {
  prepare: async (files) => {
    await files.makeDirectory('/cp');
    await files.sync('/');
  },
  run: async (files, promise) => {
    const { storage, store } = stores(files);
    await untilItWorks(() => storage.initializeBase(JOB));
    await untilItWorks(() => storage.initializeCheckpoint(JOB, CHECKPOINT));
    // A failed artefact fails its checkpoint; no name is used twice.
    await untilItWorks(async () => {
      if ((await store.status(ARTEFACT)) !== undefined) await store.remove(ARTEFACT);
      const writer = await store.create(ARTEFACT);
      await writer.write(bytesOf('artefact'));
      try {
        await writer.close();
      } catch (error) {
        await writer.abort();
        throw error;
      }
    });
    await untilItWorks(() =>
      storage.storeMetadata({
        job: JOB,
        checkpoint: CHECKPOINT,
        directory: undefined,
        bytes: metadata,
      }),
    );
    promise('stored');
  },
  resume: async (files, promise) => {
    const { storage } = stores(files);
    const [found] = await storage.listCheckpoints(JOB);
    if (found === undefined) return storing.run(files, promise);
    await untilItWorks(() => storage.confirm(JOB, CHECKPOINT));
    promise('stored');
  },
  check: async (files, promised) => {
    const { storage, store } = stores(files);
    const [found] = await storage.listCheckpoints(JOB);
    if (found === undefined) return promised.has('stored') ? 'nothing is stored' : undefined;
    const bytes = await storage.readMetadata(found.pointer);
    if (textOf(bytes) !== textOf(metadata)) return 'other metadata';
    const isWhole = textOf(await store.read(ARTEFACT)) === 'artefact';
    return isWhole ? undefined : 'metadata without its artefact';
  },
};

function stores(files: FileSystem): {
  readonly storage: FileSystemCheckpointStorage;
  readonly store: FileArtefactStore;
} {
  const store = new FileArtefactStore(files);
  const options: FileSystemCheckpointStorageOptions = { store, baseDirectory: '/cp' };
  return { store, storage: new FileSystemCheckpointStorage(options) };
}

const leading: Protocol = {
  prepare: async () => {},
  run: async (files, promise) => {
    const store = new JobStore(files, '/jobs/job');
    const epoch = await untilItWorks(() => store.nextLeaderEpoch());
    promise(`epoch ${epoch}`);
    await untilItWorks(() => store.clearResult());
    promise('cleared');
    await untilItWorks(() => store.reserveCheckpointId(checkpointId(7)));
    promise('reserved 7');
    await untilItWorks(() => store.recordCompleted(CHECKPOINT));
    promise('completed 1');
    await untilItWorks(() => store.storeResult({ state: 'failed', cause: 'x' }));
    promise('ended');
    await untilItWorks(() => store.clearResult());
    promise('cleared again');
  },
  resume: async (files, promise) => {
    const store = new JobStore(files, '/jobs/job');
    promise(`epoch ${await untilItWorks(() => store.nextLeaderEpoch())}`);
    if ((await store.result()) === undefined) return;
    promise('ended');
    await untilItWorks(() => store.clearResult());
    promise('cleared again');
  },
  check: async (files, promised) => {
    const store = new JobStore(files, '/jobs/job');
    const [floor, completed] = [await store.checkpointIdFloor(), await store.completedCheckpoint()];
    const result = await store.result();
    const epochs = [...promised].filter((fact) => fact.startsWith('epoch '));
    const epoch = await store.nextLeaderEpoch();
    if (epochs.some((fact) => Number(fact.slice(6)) >= epoch)) return `epoch ${epoch} again`;
    if (promised.has('reserved 7') && floor !== 7) return `id floor ${floor}`;
    if (promised.has('cleared again')) return result === undefined ? undefined : 'a result is back';
    if (promised.has('ended')) return undefined;
    if (promised.has('completed 1') && completed !== 1 && result === undefined) return 'forgotten';
    return undefined;
  },
};

/** As the engine does it: what failed is tried again. */
async function untilItWorks<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isExpected = error instanceof FileSystemError || error instanceof OnceproofError;
      if (!isExpected || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}
