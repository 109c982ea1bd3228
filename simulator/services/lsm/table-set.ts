// The tables of one store and how they change: a flush adds one, a compaction merges the flushed
// ones into the merged ones, a checkpoint links them all. One change at a time: the caller sees to
// that. A change that fails leaves the tables as they were.

import type { KeyValueCheckpoint } from '../../../engine/environment/key-value-store.ts';
import { BlockCache } from './block-cache.ts';
import type { Entry } from './entry.ts';
import { CURRENT, manifestName, tableName } from './file-names.ts';
import type { Manifest } from './manifest.ts';
import { merge, Run, type Table, type Version } from './read-plan.ts';
import type { StoreFiles } from './store-files.ts';
import { encodeTable } from './table-format.ts';

export interface TableSetOptions {
  readonly writeBufferBytes: number;
  /** Absent: everything is held in memory. */
  readonly blockCacheBytes?: number;
}

/** Flushed tables that start a compaction: RocksDB's level0_file_num_compaction_trigger. */
const COMPACTION_TABLES = 4;
/** Merged tables are as large as this many write buffers. */
const MERGED_TABLE_BUFFERS = 2;
/** So that a write buffer gives several blocks. */
const BLOCKS_PER_BUFFER = 8;

export class TableSet {
  readonly cache: BlockCache;
  readonly #files: StoreFiles;
  readonly #options: TableSetOptions;
  #version: Version = { flushed: [], merged: [] };
  #nextNumber: number;

  private constructor(files: StoreFiles, options: TableSetOptions, nextNumber: number) {
    this.#files = files;
    this.#options = options;
    this.#nextNumber = nextNumber;
    this.cache = new BlockCache((request) => files.readBlock(request), options.blockCacheBytes);
  }

  static async open(
    files: StoreFiles,
    manifest: Manifest,
    options: TableSetOptions,
  ): Promise<TableSet> {
    const tables = new TableSet(files, options, manifest.nextNumber);
    const opened = { flushed: [] as Table[], merged: [] as Table[] };
    for (const info of manifest.flushed) opened.flushed.push(await files.openTable(info));
    for (const info of manifest.merged) opened.merged.push(await files.openTable(info));
    for (const table of [...opened.flushed, ...opened.merged]) await tables.cache.pin(table);
    tables.#version = opened;
    return tables;
  }

  get version(): Version {
    return this.#version;
  }

  /** `afterwards` runs in the same moment in which readers begin to see the new table. */
  async flush(entries: readonly Entry[], afterwards: () => void): Promise<void> {
    const table = await this.#writeTable(entries);
    const { flushed, merged } = this.#version;
    await this.#change({ flushed: [table, ...flushed], merged }, afterwards);
  }

  /** Merges the flushed tables once there are enough of them. */
  async compactIfDue(): Promise<void> {
    const { flushed, merged } = this.#version;
    if (flushed.length < COMPACTION_TABLES) return;
    // One table may be made of all flushed ones, so what lies between them is touched as well.
    const smallest = flushed.map(({ info }) => info.smallest).reduce(least);
    const largest = flushed.map(({ info }) => info.largest).reduce(greatest);
    const touched = merged.filter(
      ({ info }) => info.smallest <= largest && info.largest >= smallest,
    );
    const runs = [...flushed.map((table) => Run.ofTables([table], '')), Run.ofTables(touched, '')];
    const entries: Entry[] = [];
    await this.cache.follow(
      merge(runs, (entry) => {
        // Nothing is older than the merged tables, so there is nothing left to hide.
        if (entry.value !== undefined) entries.push(entry);
        return true;
      }),
    );
    const made: Table[] = [];
    for (const part of this.#split(entries)) made.push(await this.#writeTable(part));
    const kept = merged.filter((table) => !touched.includes(table));
    const ascending = [...kept, ...made].sort((left, right) =>
      left.info.smallest < right.info.smallest ? -1 : 1,
    );
    await this.#change({ flushed: [], merged: ascending }, () => undefined);
  }

  async checkpoint(directory: string): Promise<KeyValueCheckpoint> {
    await this.#files.makeCheckpointDirectory(directory);
    const tables = [...this.#version.flushed, ...this.#version.merged];
    const number = this.#nextNumber++;
    try {
      await this.#files.linkTables(tables, directory);
      await this.#files.install(directory, number, this.#manifest(this.#version));
    } catch (error) {
      await this.#files.removeCheckpoint(directory);
      throw error;
    }
    return {
      immutable: tables.map(({ info }) => tableName(info.number)).sort(),
      other: [CURRENT, manifestName(number)],
    };
  }

  async #writeTable(entries: readonly Entry[]): Promise<Table> {
    const number = this.#nextNumber++;
    const blockBytes = Math.ceil(this.#options.writeBufferBytes / BLOCKS_PER_BUFFER);
    const table = await this.#files.writeTable(encodeTable(number, entries, blockBytes));
    await this.cache.pin(table);
    return table;
  }

  async #change(version: Version, afterwards: () => void): Promise<void> {
    const before = this.#version;
    const number = this.#nextNumber++;
    await this.#files.install(this.#files.directory, number, this.#manifest(version));
    this.#version = version;
    afterwards();
    const tables = [...version.flushed, ...version.merged];
    for (const table of [...before.flushed, ...before.merged]) {
      if (!tables.includes(table)) this.cache.drop(table);
    }
    const names = tables.map(({ info }) => tableName(info.number));
    const kept = new Set([CURRENT, manifestName(number), ...names]);
    await this.#files.removeOthers(this.#files.directory, kept);
  }

  #manifest({ flushed, merged }: Version): Manifest {
    return {
      nextNumber: this.#nextNumber,
      flushed: flushed.map(({ info }) => info),
      merged: merged.map(({ info }) => info),
    };
  }

  #split(entries: readonly Entry[]): readonly (readonly Entry[])[] {
    const sizeBytesMax = MERGED_TABLE_BUFFERS * this.#options.writeBufferBytes;
    const parts: Entry[][] = [];
    let sizeBytes = sizeBytesMax;
    for (const entry of entries) {
      if (sizeBytes >= sizeBytesMax) {
        parts.push([]);
        sizeBytes = 0;
      }
      parts.at(-1)?.push(entry);
      sizeBytes += entry.key.length + (entry.value?.length ?? 0);
    }
    return parts;
  }
}

function least(left: string, right: string): string {
  return left < right ? left : right;
}

function greatest(left: string, right: string): string {
  return left < right ? right : left;
}
