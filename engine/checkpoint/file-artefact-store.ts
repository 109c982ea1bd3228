// Artefacts in a directory of a FileSystem. What is durable when: an artefact once its writer was
// closed, a published name once publish() resolved. A failed artefact is removed as far as that
// works, and its name is never used again.

import { assert } from '../core/assert.ts';
import type { FileStatus, FileSystem } from '../environment/filesystem.ts';
import type { ArtefactStore, ArtefactWriter } from './artefact-store.ts';
import { parentOf } from './checkpoint-layout.ts';
import {
  makeDurableDirectory,
  namesIn,
  publishOnce,
  removeIfThere,
  removeTree,
} from './durable-files.ts';

const SCHEME = 'file://';

export class FileArtefactStore implements ArtefactStore {
  readonly #filesystem: FileSystem;

  constructor(filesystem: FileSystem) {
    this.#filesystem = filesystem;
  }

  describe(path: string): string {
    return path;
  }

  pathOf(place: string): string | undefined {
    const path = place.startsWith(SCHEME) ? place.slice(SCHEME.length) : place;
    return path.startsWith('/') ? path : undefined;
  }

  async create(path: string): Promise<ArtefactWriter> {
    const writer = new FileArtefactWriter(this.#filesystem, path);
    await writer.begin();
    return writer;
  }

  publish(path: string, bytes: Uint8Array, fencingToken: string): Promise<void> {
    const suffix = fencingToken === '' ? '' : `.${fencingToken}`;
    const inProgress = `${path}.inprogress${suffix}`;
    return publishOnce({ filesystem: this.#filesystem, path, inProgress, bytes });
  }

  async confirm(path: string): Promise<void> {
    const directory = parentOf(path);
    await this.#filesystem.sync(path);
    await this.#filesystem.sync(directory);
    await this.#filesystem.sync(parentOf(directory));
  }

  read(path: string, offset?: number, length?: number): Promise<Uint8Array> {
    return this.#filesystem.read(path, offset, length);
  }

  status(path: string): Promise<FileStatus | undefined> {
    return this.#filesystem.status(path);
  }

  list(directory: string): Promise<readonly string[]> {
    return namesIn(this.#filesystem, directory);
  }

  makeDirectory(path: string): Promise<void> {
    return makeDurableDirectory(this.#filesystem, path);
  }

  async unpublish(path: string): Promise<boolean> {
    const wasThere = await removeIfThere(this.#filesystem, path);
    if (wasThere) await this.#filesystem.sync(parentOf(path));
    return wasThere;
  }

  remove(path: string): Promise<boolean> {
    return removeIfThere(this.#filesystem, path);
  }

  removeTree(directory: string): Promise<void> {
    return removeTree(this.#filesystem, directory);
  }
}

class FileArtefactWriter implements ArtefactWriter {
  readonly #filesystem: FileSystem;
  readonly #path: string;
  #isOver = false;

  constructor(filesystem: FileSystem, path: string) {
    this.#filesystem = filesystem;
    this.#path = path;
  }

  begin(): Promise<void> {
    return this.#filesystem.create(this.#path, new Uint8Array(0));
  }

  write(bytes: Uint8Array): Promise<void> {
    assert(!this.#isOver, 'Cannot write to an artefact: it is closed');
    return this.#filesystem.append(this.#path, bytes);
  }

  async close(): Promise<void> {
    assert(!this.#isOver, 'Cannot close an artefact: it is closed');
    this.#isOver = true;
    await this.#filesystem.sync(this.#path);
    await this.#filesystem.sync(parentOf(this.#path));
  }

  async abort(): Promise<void> {
    this.#isOver = true;
    try {
      await removeIfThere(this.#filesystem, this.#path);
    } catch {
      // Left to the sweep: giving up has to work on a broken disk too.
    }
  }
}
