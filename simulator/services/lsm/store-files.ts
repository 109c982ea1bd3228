// The files of one store: reads and writes tables and manifests, checks what it reads, and removes
// what no longer counts. It syncs nothing, because nothing is promised to survive a crash.

import { type FileSystem, FileSystemError } from '../../../engine/environment/filesystem.ts';
import { damaged } from './damage.ts';
import type { Entry } from './entry.ts';
import { CURRENT, isStoreFile, manifestName, tableName } from './file-names.ts';
import {
  decodeCurrent,
  decodeManifest,
  EMPTY_MANIFEST,
  encodeCurrent,
  encodeManifest,
  type Manifest,
} from './manifest.ts';
import type { BlockRequest, Table } from './read-plan.ts';
import {
  decodeBlock,
  decodeFooter,
  decodeIndex,
  type EncodedTable,
  FOOTER_BYTES,
  type TableInfo,
} from './table-format.ts';

export class StoreFiles {
  readonly directory: string;
  readonly #filesystem: FileSystem;

  constructor(filesystem: FileSystem, directory: string) {
    this.#filesystem = filesystem;
    this.directory = directory;
  }

  makeDirectory(): Promise<void> {
    return this.#filesystem.makeDirectory(this.directory);
  }

  /** The manifest that counts. ENOENT if no store is here; EIO if parts of one are. */
  async readManifest(): Promise<Manifest> {
    const path = this.#path(CURRENT);
    try {
      const current = decodeCurrent(await this.#filesystem.read(path), path);
      return await this.#readManifest(current);
    } catch (error) {
      if (!isMissing(error, path)) throw error;
      const names = await this.#filesystem.list(this.directory);
      if (names.some(isStoreFile)) throw damaged(path, 'it is missing');
      throw error;
    }
  }

  /** Like readManifest(), but an empty directory is an empty store. */
  async readManifestIfAny(): Promise<Manifest> {
    try {
      return await this.readManifest();
    } catch (error) {
      if (isMissing(error, this.#path(CURRENT))) return EMPTY_MANIFEST;
      throw error;
    }
  }

  /** From now on this manifest counts in `directory`: that of the store, or of a checkpoint. */
  async install(directory: string, number: number, manifest: Manifest): Promise<void> {
    const name = manifestName(number);
    await this.#filesystem.write(`${directory}/${name}`, encodeManifest(manifest));
    await this.#filesystem.write(`${directory}/${CURRENT}.new`, encodeCurrent(name));
    await this.#filesystem.rename(`${directory}/${CURRENT}.new`, `${directory}/${CURRENT}`);
  }

  async writeTable({ info, bytes, blocks }: EncodedTable): Promise<Table> {
    await this.#filesystem.write(this.#path(tableName(info.number)), bytes);
    return { info, blocks };
  }

  /** Reads what is needed to find blocks, and checks that it is this table. */
  async openTable(info: TableInfo): Promise<Table> {
    const path = this.#path(tableName(info.number));
    const status = await this.#filesystem.status(path);
    if (status === undefined) throw damaged(path, 'it is missing');
    if (status.kind !== 'file' || status.sizeBytes !== info.sizeBytes) {
      throw damaged(path, 'its size is wrong');
    }
    const footerOffset = info.sizeBytes - FOOTER_BYTES;
    const footerBytes = await this.#filesystem.read(path, footerOffset, FOOTER_BYTES);
    const { indexOffset, checksum } = decodeFooter(footerBytes, path);
    if (checksum !== info.checksum) throw damaged(path, 'it is another table');
    const length = footerOffset - indexOffset;
    const index = await this.#filesystem.read(path, indexOffset, length);
    return { info, blocks: decodeIndex(index, path) };
  }

  async readBlock({ table, index }: BlockRequest): Promise<readonly Entry[]> {
    const path = this.#path(tableName(table.info.number));
    const handle = table.blocks[index];
    if (handle === undefined) throw damaged(path, `it has no block ${index}`);
    return decodeBlock(await this.#filesystem.read(path, handle.offset, handle.sizeBytes), path);
  }

  /** EEXIST if anything is there. */
  async makeCheckpointDirectory(directory: string): Promise<void> {
    if ((await this.#filesystem.status(directory)) !== undefined) {
      throw new FileSystemError('EEXIST', 'checkpoint store to', directory);
    }
    await this.#filesystem.makeDirectory(directory);
  }

  async linkTables(tables: readonly Table[], directory: string): Promise<void> {
    for (const { info } of tables) {
      const name = tableName(info.number);
      await this.#filesystem.link(this.#path(name), `${directory}/${name}`);
    }
  }

  /** Removes all files of a store that `kept` does not name. What cannot be removed stays. */
  async removeOthers(directory: string, kept: ReadonlySet<string>): Promise<void> {
    await this.#ifPossible(async () => {
      for (const name of await this.#filesystem.list(directory)) {
        if (!isStoreFile(name) || kept.has(name)) continue;
        await this.#ifPossible(() => this.#filesystem.remove(`${directory}/${name}`));
      }
    });
  }

  /** A checkpoint that could not be finished. */
  async removeCheckpoint(directory: string): Promise<void> {
    await this.removeOthers(directory, new Set());
    await this.#ifPossible(() => this.#filesystem.remove(directory));
  }

  /** The rest only takes space. */
  async #ifPossible(removal: () => Promise<void>): Promise<void> {
    try {
      await removal();
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
    }
  }

  #path(name: string): string {
    return `${this.directory}/${name}`;
  }

  async #readManifest(name: string): Promise<Manifest> {
    const path = this.#path(name);
    try {
      return decodeManifest(await this.#filesystem.read(path), path);
    } catch (error) {
      throw isMissing(error, path) ? damaged(path, 'it is missing') : error;
    }
  }
}

function isMissing(error: unknown, path: string): boolean {
  return error instanceof FileSystemError && error.code === 'ENOENT' && error.path === path;
}
