// Makes the store of a new backend from what it is to restore. One snapshot of the same key groups:
// its files are the store. Otherwise entries of the wanted key groups are copied out of the
// snapshots' stores. In the savepoint format: blocks that wait until their state is asked for.
// Nothing is half restored: whatever fails ends in that error.

import { removeTree } from '../../checkpoint/durable-files.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { KeyValueStore, KeyValueWrite } from '../../environment/key-value-store.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import { intersects } from '../assign-keyed-handles.ts';
import { checkWritten, otherBackend } from '../heap/restore-checks.ts';
import type { RawBlock } from '../heap/snapshot-reader.ts';
import { readSnapshot } from '../heap/snapshot-reader.ts';
import type { KeyedStateBackendOptions, LocalState } from '../state-backend.ts';
import type { IncrementalStateHandle, StateHandle } from '../state-handle.ts';
import { KeyLayout, withStateId } from './key-layout.ts';
import { decodeMeta } from './meta-format.ts';
import type { StoreMeta } from './meta-format.ts';
import { scanPages } from './scan-pages.ts';
import { StateRegistry } from './state-registry.ts';
import type { StoredState } from './state-registry.ts';
import { ROCKSDB_FORMAT } from './store-snapshot.ts';

export interface RestoreOptions {
  readonly backend: KeyedStateBackendOptions;
  readonly key: TypeSerializer<unknown>;
  readonly local: LocalState;
  /** The working directory of the backend. */
  readonly directory: string;
  /** Opens a store with the options that the user chose. `writtenBy`: whose files are there. */
  readonly open: (
    directory: string,
    readOnly: boolean,
    writtenBy?: string,
  ) => Promise<KeyValueStore>;
}

export interface RestoredStore {
  readonly store: KeyValueStore;
  readonly registry: StateRegistry;
  /** Timers, and states in the savepoint format. */
  readonly blocks: readonly RawBlock[];
  /** The snapshot whose files the store was made of, if it was. */
  readonly origin: IncrementalStateHandle | undefined;
}

export async function restoreStore(options: RestoreOptions): Promise<RestoredStore> {
  const { backend, directory, local } = options;
  const handles = backend.restore.filter(({ range }) => intersects(range, backend.range));
  const incremental: IncrementalStateHandle[] = [];
  const blocks: RawBlock[] = [];
  for (const handle of handles) {
    if (handle.kind === 'incremental') incremental.push(handle);
    else {
      const snapshot = readSnapshot(handle, await backend.read(handle.state), backend.range);
      checkWritten(snapshot.header, backend, options.key);
      for (const block of snapshot.blocks) blocks.push(block);
    }
  }
  await local.filesystem.makeDirectory(directory);
  const restoring = new Restoring(options, blocks);
  const [only] = incremental;
  if (only !== undefined && incremental.length === 1 && hasRangeOf(only, backend)) {
    return restoring.takeOver(only);
  }
  return restoring.copy(incremental);
}

class Restoring {
  readonly #options: RestoreOptions;
  readonly #blocks: RawBlock[];
  readonly #registry: StateRegistry;

  constructor(options: RestoreOptions, blocks: RawBlock[]) {
    this.#options = options;
    this.#blocks = blocks;
    this.#registry = new StateRegistry(options.backend.operatorName);
  }

  async takeOver(handle: IncrementalStateHandle): Promise<RestoredStore> {
    const directory = `${this.#options.directory}/db`;
    const meta = await this.#readMeta(handle);
    this.#registry.restore(meta.states);
    await this.#download(handle, directory);
    const store = await this.#options.open(directory, false, meta.driver);
    return { store, registry: this.#registry, blocks: this.#blocks, origin: handle };
  }

  async copy(handles: readonly IncrementalStateHandle[]): Promise<RestoredStore> {
    const store = await this.#options.open(`${this.#options.directory}/db`, false);
    try {
      for (const handle of handles) await this.#copyFrom(handle, store);
    } catch (error) {
      await store.close();
      throw error;
    }
    sometimes(handles.length > 0, 'a RocksDB backend copies key groups out of other stores');
    return { store, registry: this.#registry, blocks: this.#blocks, origin: undefined };
  }

  async #copyFrom(handle: IncrementalStateHandle, store: KeyValueStore): Promise<void> {
    const { directory: working, local, open } = this.#options;
    const directory = `${working}/restore`;
    const meta = await this.#readMeta(handle);
    await this.#download(handle, directory);
    const source = await open(directory, true, meta.driver);
    try {
      for (const stored of meta.states) await this.#copyState(stored, source, store);
    } finally {
      await source.close();
    }
    await removeTree(local.filesystem, directory);
  }

  async #copyState(stored: StoredState, from: KeyValueStore, to: KeyValueStore): Promise<void> {
    const { backend, key } = this.#options;
    const { state, schemas } = this.#registry.merge(stored);
    const layout = new KeyLayout(backend.maxParallelism, key);
    const first = layout.rangeOfGroup(stored.id, backend.range.first);
    const last = layout.rangeOfGroup(stored.id, backend.range.last);
    await scanPages(from, { from: first.from, to: last.to }, async (page) => {
      const writes: KeyValueWrite[] = page.map((entry) => ({
        key: withStateId(entry.key, state.id),
        value: withSchema(entry.value, schemas),
      }));
      await to.write(writes);
    });
  }

  async #readMeta(handle: IncrementalStateHandle): Promise<StoreMeta> {
    const { backend, key } = this.#options;
    if (handle.format !== ROCKSDB_FORMAT) throw otherBackend(handle, backend.operatorName);
    const { meta, heap } = decodeMeta(await backend.read(handle.meta), placeOf(handle.meta));
    checkWritten(meta, backend, key);
    const { range, meta: state } = handle;
    const part = { kind: 'key-groups', format: 'heap', range, state } as const;
    for (const block of readSnapshot(part, heap, backend.range).blocks) this.#blocks.push(block);
    return meta;
  }

  async #download(handle: IncrementalStateHandle, directory: string): Promise<void> {
    const { backend, local } = this.#options;
    await local.filesystem.makeDirectory(directory);
    for (const { name, state } of [...handle.shared, ...handle.exclusive]) {
      await local.filesystem.create(`${directory}/${name}`, await backend.read(state));
    }
  }
}

function hasRangeOf(handle: IncrementalStateHandle, backend: KeyedStateBackendOptions): boolean {
  const { first, last } = backend.range;
  return handle.range.first === first && handle.range.last === last;
}

/** The value under the number that its schema has in the new store. */
function withSchema(value: Uint8Array, schemas: readonly number[]): Uint8Array {
  const input = new ByteReader(value, 'an entry of a restored store');
  const written = input.readVarint();
  const schema = schemas[written];
  if (schema === undefined) return input.fail(`no schema has the number ${written}`);
  if (schema === written) return value;
  const writer = new ByteWriter(value.length + 2);
  writer.writeVarint(schema);
  writer.writeRaw(value.subarray(input.offset));
  return writer.take();
}

function placeOf(state: StateHandle): string {
  return state.kind === 'file' ? `"${state.path}"` : 'keyed state in the checkpoint metadata';
}
