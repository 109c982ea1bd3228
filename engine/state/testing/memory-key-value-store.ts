// Key-value stores for tests of state backends: content in memory, checkpoints as files of a
// FileSystem. Models the order of effects, immutable tables that checkpoints share, merging of
// tables, damage, and writes that fail. Not: crashes, latency, memory that is bounded.

import { removeIfThere } from '../../checkpoint/durable-files.ts';
import type { FileSystem } from '../../environment/filesystem.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import type {
  KeyRange,
  KeyValueCheckpoint,
  KeyValueEntry,
  KeyValueStore,
  KeyValueStoreOptions,
  KeyValueStores,
  KeyValueWrite,
  SynchronousKeyValueStore,
} from '../../environment/key-value-store.ts';
import { refuseFilesOfOthers } from '../../environment/key-value-drivers.ts';
import { SerialCalls } from '../../environment/serial-calls.ts';
import type { Manifest } from './memory-table-file.ts';
import { decodeManifest, decodeTable, encodeManifest, encodeTable } from './memory-table-file.ts';

const MANIFEST = 'MANIFEST';
const TABLE_SUFFIX = '.sst';
/** So few that tests see tables merged. */
const MAX_TABLES = 4;
const NEW_STORE: Manifest = { nextNumber: 1, tables: [] };

export interface MemoryStoreCounts {
  getMany: number;
  scan: number;
  write: number;
  writtenEntries: number;
}

export class MemoryKeyValueStores implements KeyValueStores {
  readonly filesystem: FileSystem;
  /** Whether stores answer without leaving the thread. */
  readonly isSynchronous: boolean;
  readonly opened: KeyValueStoreOptions[] = [];
  readonly counts: MemoryStoreCounts = { getMany: 0, scan: 0, write: 0, writtenEntries: 0 };
  /** What writes reject with, once. */
  writeFailure: Error | undefined;

  constructor(filesystem: FileSystem, isSynchronous = false) {
    this.filesystem = filesystem;
    this.isSynchronous = isSynchronous;
  }

  async open(options: KeyValueStoreOptions): Promise<KeyValueStore> {
    this.opened.push(options);
    const { directory, readOnly = false, driver = 'memory' } = options;
    refuseFilesOfOthers(driver, options);
    const manifest = await this.#manifestOf(directory, readOnly);
    const content = new Map<string, Uint8Array>();
    for (const name of manifest.tables) {
      const path = `${directory}/${name}`;
      for (const [key, value] of decodeTable(await this.filesystem.read(path), path)) {
        if (value === undefined) content.delete(key);
        else content.set(key, value);
      }
    }
    return new MemoryKeyValueStore(this, { driver, directory, readOnly, manifest, content });
  }

  async #manifestOf(directory: string, readOnly: boolean): Promise<Manifest> {
    if (!readOnly) await this.filesystem.makeDirectory(directory);
    const names = await this.filesystem.list(directory);
    const path = `${directory}/${MANIFEST}`;
    if (names.includes(MANIFEST)) return decodeManifest(await this.filesystem.read(path), path);
    if (readOnly) throw new FileSystemError('ENOENT', 'open', path);
    const isLost = names.some((name) => name.endsWith(TABLE_SUFFIX));
    if (isLost) throw new FileSystemError('EIO', 'open', path);
    return NEW_STORE;
  }
}

interface OpenStore {
  readonly driver: string;
  readonly directory: string;
  readonly readOnly: boolean;
  readonly manifest: Manifest;
  readonly content: Map<string, Uint8Array>;
}

/** Calls change and read the content when they are made; files are written one call at a time. */
class MemoryKeyValueStore implements KeyValueStore {
  readonly driver: string;
  readonly synchronous: SynchronousKeyValueStore | undefined;
  readonly #stores: MemoryKeyValueStores;
  readonly #open: OpenStore;
  readonly #calls = new SerialCalls();
  #tables: readonly string[];
  #nextNumber: number;
  /** Since the last table. */
  #changes = new Map<string, Uint8Array | undefined>();
  #sorted: readonly string[] | undefined;
  #isClosed = false;

  constructor(stores: MemoryKeyValueStores, open: OpenStore) {
    this.driver = open.driver;
    this.#stores = stores;
    this.#open = open;
    this.#tables = open.manifest.tables;
    this.#nextNumber = open.manifest.nextNumber;
    this.synchronous = stores.isSynchronous
      ? {
          get: (key) => this.#get(key),
          scan: (range) => this.#scan(range),
          write: (writes) => this.#write(writes),
        }
      : undefined;
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    this.#stores.counts.getMany++;
    return keys.map((key) => this.#get(key));
  }

  async scan(range: KeyRange): Promise<readonly KeyValueEntry[]> {
    this.#stores.counts.scan++;
    return this.#scan(range);
  }

  async write(writes: readonly KeyValueWrite[]): Promise<void> {
    this.#write(writes);
  }

  async checkpoint(directory: string): Promise<KeyValueCheckpoint> {
    this.#check('checkpoint', true);
    const before = this.#tables;
    const table = this.#cut();
    const manifest = this.#manifest();
    return this.#calls.run(async () => {
      await this.#save(table, before, manifest);
      return this.#fill(directory, manifest);
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return this.#calls.idle();
    const before = this.#tables;
    const table = this.#cut();
    const manifest = this.#manifest();
    this.#isClosed = true;
    if (!this.#open.readOnly) await this.#calls.run(() => this.#save(table, before, manifest));
  }

  #get(key: Uint8Array): Uint8Array | undefined {
    this.#check('get', false);
    return this.#open.content.get(textOf(key))?.slice();
  }

  #scan({ from, to, limit }: KeyRange): readonly KeyValueEntry[] {
    this.#check('scan', false);
    const { content } = this.#open;
    this.#sorted ??= [...content.keys()].sort();
    const end = to && textOf(to);
    const found: KeyValueEntry[] = [];
    for (let at = firstAtLeast(this.#sorted, textOf(from)); at < this.#sorted.length; at++) {
      const key = this.#sorted[at] ?? '';
      if ((end !== undefined && key >= end) || found.length === limit) break;
      found.push({ key: bytesOf(key), value: content.get(key)?.slice() ?? new Uint8Array(0) });
    }
    return found;
  }

  #write(writes: readonly KeyValueWrite[]): void {
    this.#check('write', true);
    const { writeFailure, counts } = this.#stores;
    this.#stores.writeFailure = undefined;
    if (writeFailure !== undefined) throw writeFailure;
    counts.write++;
    counts.writtenEntries += writes.length;
    const { content } = this.#open;
    for (const { key, value } of writes) {
      const text = textOf(key);
      if (content.has(text) !== (value !== undefined)) this.#sorted = undefined;
      if (value === undefined) content.delete(text);
      else content.set(text, value);
      this.#changes.set(text, value);
    }
  }

  #check(operation: string, writes: boolean): void {
    const { directory, readOnly } = this.#open;
    if (this.#isClosed) throw new FileSystemError('EINVAL', operation, directory);
    if (writes && readOnly) throw new FileSystemError('EROFS', operation, directory);
  }

  /** What is to become a table now: the changes, or everything where there are many tables. */
  #cut(): { readonly name: string; readonly bytes: Uint8Array } | undefined {
    if (this.#changes.size === 0 || this.#open.readOnly) return undefined;
    const isMerge = this.#tables.length >= MAX_TABLES;
    const name = `${String(this.#nextNumber++).padStart(6, '0')}${TABLE_SUFFIX}`;
    const bytes = encodeTable(isMerge ? this.#open.content : this.#changes);
    this.#tables = isMerge ? [name] : [...this.#tables, name];
    this.#changes = new Map();
    return { name, bytes };
  }

  #manifest(): Manifest {
    return { nextNumber: this.#nextNumber, tables: this.#tables };
  }

  async #save(
    table: { readonly name: string; readonly bytes: Uint8Array } | undefined,
    before: readonly string[],
    manifest: Manifest,
  ): Promise<void> {
    const { filesystem } = this.#stores;
    const { directory } = this.#open;
    if (table !== undefined) await filesystem.create(`${directory}/${table.name}`, table.bytes);
    await filesystem.write(`${directory}/${MANIFEST}`, encodeManifest(manifest));
    for (const name of before) {
      if (!manifest.tables.includes(name)) await removeIfThere(filesystem, `${directory}/${name}`);
    }
  }

  async #fill(directory: string, manifest: Manifest): Promise<KeyValueCheckpoint> {
    const { filesystem } = this.#stores;
    if ((await filesystem.status(directory)) !== undefined) {
      throw new FileSystemError('EEXIST', 'checkpoint', directory);
    }
    await filesystem.makeDirectory(directory);
    for (const name of manifest.tables) {
      await filesystem.link(`${this.#open.directory}/${name}`, `${directory}/${name}`);
    }
    await filesystem.create(`${directory}/${MANIFEST}`, encodeManifest(manifest));
    return { immutable: manifest.tables, other: [MANIFEST] };
  }
}

function firstAtLeast(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (unit) => unit.charCodeAt(0));
}
