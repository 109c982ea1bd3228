// The asynchronous part of a snapshot of a store, from the files that the store put aside for it.
// Incremental: the files themselves, those that checkpoint storage has already by reference.
// Canonical: their content in the format that every backend reads. Later writes touch neither.

import type {
  CheckpointOutput,
  CheckpointStreamFactory,
} from '../../checkpoint/checkpoint-storage.ts';
import type { FileSystem } from '../../environment/filesystem.ts';
import type { KeyValueCheckpoint, KeyValueStore } from '../../environment/key-value-store.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import type { StateMeta } from '../heap/snapshot-format.ts';
import { stopIfAsked } from '../heap/snapshot-frame.ts';
import type { CapturedBackend } from '../heap/snapshot-writer.ts';
import { SnapshotWriter } from '../heap/snapshot-writer.ts';
import type {
  IncrementalStateHandle,
  KeyGroupsStateHandle,
  KeyGroupRange,
  StateHandle,
  StoreFile,
} from '../state-handle.ts';
import { CanonicalSections } from './canonical-sections.ts';
import { KeyLayout } from './key-layout.ts';
import { encodeMeta } from './meta-format.ts';
import type { StoredState } from './state-registry.ts';

/** What one read takes of a file: it is in memory as long as its write lasts. */
const UPLOAD_CHUNK_BYTES = 1024 * 1024;

export const ROCKSDB_FORMAT = 'rocksdb';

/** What is not in the files, as it was when the snapshot began. */
export interface CapturedStore {
  readonly operatorName: string;
  readonly maxParallelism: number;
  readonly range: KeyGroupRange;
  readonly key: TypeSerializer<unknown>;
  readonly storeId: string;
  readonly states: readonly StoredState[];
  /** Of timers and untouched states. */
  readonly metas: readonly StateMeta[];
  readonly timers: CapturedBackend['timers'];
  readonly untouched: CapturedBackend['untouched'];
  /** Files in checkpoint storage that this snapshot may refer to, by name. */
  readonly base: ReadonlyMap<string, StateHandle>;
}

export interface SnapshotSurroundings {
  /** Of the store that made the files. */
  readonly driver: string;
  readonly filesystem: FileSystem;
  /** With the driver and the options of the store that made the files. */
  readonly openForReading: (directory: string) => Promise<KeyValueStore>;
  readonly streams: CheckpointStreamFactory;
  readonly stopReason: () => string | undefined;
  /** Where the store put the files. */
  readonly directory: string;
  readonly files: KeyValueCheckpoint;
}

export async function writeIncremental(
  captured: CapturedStore,
  around: SnapshotSurroundings,
): Promise<IncrementalStateHandle> {
  const { range, storeId } = captured;
  const shared: StoreFile[] = [];
  for (const name of around.files.immutable) {
    const state =
      (await uploaded(captured, around, name)) ??
      (await upload(captured, around, { name, scope: 'shared' }));
    shared.push({ name, state });
  }
  const exclusive: StoreFile[] = [];
  for (const name of around.files.other) {
    exclusive.push({ name, state: await upload(captured, around, { name, scope: 'exclusive' }) });
  }
  const meta = await writeMeta(captured, around);
  return { kind: 'incremental', format: ROCKSDB_FORMAT, range, storeId, shared, exclusive, meta };
}

export async function writeCanonical(
  captured: CapturedStore,
  around: SnapshotSurroundings,
): Promise<KeyGroupsStateHandle> {
  const { range, maxParallelism, key, states } = captured;
  const { directory, stopReason } = around;
  const store = await around.openForReading(directory);
  try {
    const metas = [...captured.metas];
    const layout = new KeyLayout(maxParallelism, key);
    const sections = new CanonicalSections(store, layout, { states, metas });
    const output = around.streams.open('exclusive', 'keyed');
    const state = await new SnapshotWriter(
      heapPart(captured, metas),
      { output, stopReason },
      (keyGroup, frame) => sections.write(keyGroup, frame),
    ).write();
    return { kind: 'key-groups', format: 'heap', range, state };
  } finally {
    await store.close();
  }
}

/** The file of the base checkpoint, if it is this very file. */
async function uploaded(
  { base }: CapturedStore,
  { filesystem, directory }: SnapshotSurroundings,
  name: string,
): Promise<StateHandle | undefined> {
  const known = base.get(name);
  if (known === undefined) return undefined;
  const status = await filesystem.status(`${directory}/${name}`);
  return status?.kind === 'file' && status.sizeBytes === known.sizeBytes ? known : undefined;
}

async function upload(
  { operatorName }: CapturedStore,
  { filesystem, directory, streams, stopReason }: SnapshotSurroundings,
  file: { readonly name: string; readonly scope: 'exclusive' | 'shared' },
): Promise<StateHandle> {
  const output = streams.open(file.scope, file.name);
  return orDiscard(output, async () => {
    const path = `${directory}/${file.name}`;
    for (let offset = 0; ; offset += UPLOAD_CHUNK_BYTES) {
      const bytes = await filesystem.read(path, offset, UPLOAD_CHUNK_BYTES);
      if (bytes.length > 0) await output.write(bytes);
      stopIfAsked({ operatorName, stopReason });
      if (bytes.length < UPLOAD_CHUNK_BYTES) return output.close();
    }
  });
}

async function writeMeta(
  captured: CapturedStore,
  { driver, streams, stopReason }: SnapshotSurroundings,
): Promise<StateHandle> {
  const { maxParallelism, key, states, metas } = captured;
  const output = streams.open('exclusive', 'meta');
  return orDiscard(output, async () => {
    await output.write(encodeMeta({ driver, maxParallelism, key: key.snapshot(), states }));
    return new SnapshotWriter(heapPart(captured, metas), { output, stopReason }).write();
  });
}

function heapPart(captured: CapturedStore, metas: readonly StateMeta[]): CapturedBackend {
  const { operatorName, maxParallelism, range, key, timers, untouched } = captured;
  const header = { maxParallelism, range, key: key.snapshot(), metas };
  return { operatorName, header, key, states: [], timers, untouched };
}

async function orDiscard<T>(output: CheckpointOutput, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    await output.discard();
    throw error;
  }
}
