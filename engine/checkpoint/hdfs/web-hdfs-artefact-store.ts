// Artefacts in HDFS. Every file is made under a temporary name and renamed once it is whole, which
// HDFS does atomically, durably and without replacing anything. So no half-written file is ever
// taken for an artefact; what a crash leaves of it goes with its directory.

import { OnceproofError } from '../../core/errors.ts';
import type { Environment } from '../../environment/environment.ts';
import { type FileStatus, FileSystemError } from '../../environment/filesystem.ts';
import type { Random } from '../../environment/random.ts';
import type { ArtefactStore, ArtefactWriter } from '../artefact-store.ts';
import { isFileSystemError } from '../file-system-outcome.ts';
import { WebHdfsArtefactWriter } from './web-hdfs-artefact-writer.ts';
import { WebHdfsClient } from './web-hdfs-client.ts';
import { pathInCluster, printWebHdfsPlace } from './web-hdfs-place.ts';
import type { WebHdfsOptions } from './web-hdfs-requests.ts';

export interface WebHdfsStoreOptions extends WebHdfsOptions {
  /** What is sent in one request. */
  readonly chunkBytes?: number;
}

export class WebHdfsArtefactStore implements ArtefactStore {
  readonly client: WebHdfsClient;
  readonly #options: WebHdfsStoreOptions;
  readonly #names: Random;
  #count = 0;

  constructor(environment: Environment, options: WebHdfsStoreOptions) {
    this.client = new WebHdfsClient(environment, options);
    this.#options = options;
    this.#names = environment.random.fork('webhdfs/names');
  }

  describe(path: string): string {
    return printWebHdfsPlace(this.client.nameNodes, path);
  }

  pathOf(place: string): string | undefined {
    return pathInCluster(this.client.nameNodes, place);
  }

  async create(path: string): Promise<ArtefactWriter> {
    // Early, so that another name can be chosen; decided by the rename.
    const isTaken = (await this.client.status(path)) !== undefined;
    if (isTaken) throw new FileSystemError('EEXIST', 'create', path);
    return this.#writerOf(path, '');
  }

  async publish(path: string, bytes: Uint8Array, fencingToken: string): Promise<void> {
    const writer = this.#writerOf(path, fencingToken);
    try {
      await writer.prepare(bytes);
    } catch (error) {
      await writer.abort();
      throw notPublished(this.describe(path), error);
    }
    const outcome = await writer.rename();
    if (outcome === 'renamed') return;
    await writer.abort();
    if (outcome === 'taken' && (await this.#holds(path, bytes))) return;
    throw notPublished(this.describe(path), new FileSystemError('EEXIST', 'publish', path));
  }

  async confirm(path: string): Promise<void> {
    // What a NameNode shows is in its edit log.
    const status = await this.client.status(path);
    if (status === undefined) throw new FileSystemError('ENOENT', 'confirm', path);
  }

  read(path: string, offset?: number, length?: number): Promise<Uint8Array> {
    return this.client.read(path, offset, length);
  }

  async status(path: string): Promise<FileStatus | undefined> {
    const status = await this.client.status(path);
    if (status === undefined) return undefined;
    if (status.kind === 'directory') return { kind: 'directory' };
    return { kind: 'file', sizeBytes: status.sizeBytes };
  }

  async list(directory: string): Promise<readonly string[]> {
    try {
      return await this.client.list(directory);
    } catch (error) {
      if (isFileSystemError(error, 'ENOENT')) return [];
      throw error;
    }
  }

  makeDirectory(path: string): Promise<void> {
    return this.client.makeDirectory(path);
  }

  unpublish(path: string): Promise<boolean> {
    return this.client.remove(path);
  }

  remove(path: string): Promise<boolean> {
    return this.client.remove(path);
  }

  async removeTree(directory: string): Promise<void> {
    await this.client.remove(directory, true);
  }

  async #holds(path: string, bytes: Uint8Array): Promise<boolean> {
    const there = await this.client.read(path);
    return there.length === bytes.length && there.every((byte, index) => byte === bytes[index]);
  }

  #writerOf(path: string, fencingToken: string): WebHdfsArtefactWriter {
    const { chunkBytes } = this.#options;
    const token = fencingToken === '' ? '' : `.${fencingToken}`;
    return new WebHdfsArtefactWriter({
      client: this.client,
      path,
      nextTemporary: () => `${path}.inprogress${token}.${this.#nextSuffix()}`,
      ...(chunkBytes === undefined ? {} : { chunkBytes }),
    });
  }

  /** Differs between hosts, and between the lives of one. */
  #nextSuffix(): string {
    this.#count += 1;
    return `${this.#names.below(2 ** 32).toString(16)}-${this.#count}`;
  }
}

function notPublished(place: string, cause: unknown): OnceproofError {
  return new OnceproofError('OP-E507', 'Cannot publish checkpoint metadata', {
    place,
    remedy: 'See that the directory can be written and that one JobManager alone uses it',
    cause,
  });
}
