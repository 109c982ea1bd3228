// One artefact on its way to HDFS: under a name of its own until it is whole, then renamed. What
// a lost answer leaves open is closed before anything is written again: a file whose making is
// unknown is given up for another one, one that was added to is first moved out of the way of
// whatever may still come.

import { joinBytes } from '../../core/bytes.ts';
import { assert, present } from '../../core/assert.ts';
import { sometimes } from '../../core/sometimes.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import type { ArtefactWriter } from '../artefact-store.ts';
import type { HdfsStatus, WebHdfsClient } from './web-hdfs-client.ts';

/** A request each: large enough to be worth two round trips, small enough to be sent again. */
const CHUNK_BYTES = 8 * 1024 * 1024;
/** Files or names in a row whose making was lost. */
const ATTEMPTS_MAX = 6;
/** Looks at a file whose last writer broke off: its lease is recovered after a minute. */
const SETTLE_LOOKS_MAX = 60;

export interface WebHdfsWriterOptions {
  readonly client: WebHdfsClient;
  readonly path: string;
  /** A path in the same directory that was never given before. */
  readonly nextTemporary: () => string;
  readonly chunkBytes?: number;
}

export class WebHdfsArtefactWriter implements ArtefactWriter {
  readonly #options: WebHdfsWriterOptions;
  readonly #temporaries: string[] = [];
  #current: string | undefined;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #storedBytes = 0;
  #isOver = false;
  #finished: HdfsStatus | undefined;

  constructor(options: WebHdfsWriterOptions) {
    this.#options = options;
  }

  async write(bytes: Uint8Array): Promise<void> {
    assert(!this.#isOver, 'Cannot write to an artefact: it is closed');
    this.#gathered.push(bytes.slice());
    this.#gatheredBytes += bytes.length;
    const chunkBytes = this.#options.chunkBytes ?? CHUNK_BYTES;
    if (this.#gatheredBytes >= chunkBytes) await this.#flush();
  }

  async close(): Promise<void> {
    const { path } = this.#options;
    await this.#finish();
    const outcome = await this.rename();
    if (outcome === 'taken') throw new FileSystemError('EEXIST', 'write', path);
    if (outcome === 'missing') throw new FileSystemError('EIO', 'write', path);
  }

  /** All but the last step, which rename() is: until then it is certain that nobody reads it. */
  async prepare(bytes: Uint8Array): Promise<void> {
    await this.write(bytes);
    await this.#finish();
  }

  async rename(): Promise<'renamed' | 'taken' | 'missing'> {
    const { client, path } = this.#options;
    const temporary = present(this.#current, 'Cannot rename an artefact that has not been written');
    const outcome = await client.rename(temporary, path, this.#finished);
    if (outcome !== 'renamed') return outcome;
    this.#forget(temporary);
    await this.#removeTemporaries();
    return outcome;
  }

  async abort(): Promise<void> {
    this.#isOver = true;
    this.#gathered = [];
    await this.#removeTemporaries();
  }

  async #finish(): Promise<void> {
    assert(!this.#isOver, 'Cannot close an artefact: it is closed');
    this.#isOver = true;
    if (this.#current === undefined || this.#gatheredBytes > 0) await this.#flush();
    const temporary = present(this.#current, 'Cannot close an artefact without a file');
    const status = await this.#options.client.status(temporary);
    this.#finished = status;
    if (status?.sizeBytes === this.#storedBytes) return;
    const cause = new Error(
      `${status?.sizeBytes ?? 'None'} of ${this.#storedBytes} bytes are there`,
    );
    throw new FileSystemError('EIO', 'write', temporary, cause);
  }

  async #flush(): Promise<void> {
    const bytes = this.#take();
    if (this.#current === undefined) this.#current = await this.#create(bytes);
    else this.#current = await this.#append(this.#current, bytes);
    this.#storedBytes += bytes.length;
  }

  async #create(bytes: Uint8Array): Promise<string> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const temporary = this.#nextTemporary();
      const outcome = await this.#options.client.createFile(temporary, bytes);
      if (outcome === 'created') return temporary;
      // Names are ours alone: what is there is of an attempt that failed.
      sometimes(outcome === 'unknown', 'an HDFS file is given up because its CREATE was lost');
      await this.#options.client.pause(attempt);
    }
    throw new FileSystemError('EIO', 'create', this.#options.path);
  }

  /** The path under which the file is then, longer by these bytes. */
  async #append(path: string, bytes: Uint8Array): Promise<string> {
    let at = path;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const outcome = await this.#options.client.append(at, bytes);
      if (outcome === 'appended') return at;
      // Whatever is still under way to the old name will find nothing there.
      if (outcome === 'unknown') at = await this.#moveAway(at);
      if (await this.#isSettledWith(at, bytes.length)) return at;
    }
    throw new FileSystemError('EIO', 'append to', at);
  }

  async #moveAway(from: string): Promise<string> {
    const to = this.#nextTemporary();
    const outcome = await this.#options.client.rename(from, to);
    if (outcome !== 'renamed') throw new FileSystemError('EIO', 'append to', from);
    return to;
  }

  /** True if all of the bytes have been added; false once it is certain that none of them is. */
  async #isSettledWith(path: string, addedBytes: number): Promise<boolean> {
    const { client } = this.#options;
    for (let look = 0; look < SETTLE_LOOKS_MAX; look++) {
      await client.pause(look);
      // Refused for as long as a writer has the file: then it has come to its end.
      const status = await client.status(path);
      if (status === undefined) break;
      const isAll = status.sizeBytes === this.#storedBytes + addedBytes;
      const isClosed = await client.truncate(path, isAll ? status.sizeBytes : this.#storedBytes);
      if (!isClosed) continue;
      sometimes(isAll, 'an APPEND whose answer was lost has been carried out');
      sometimes(!isAll, 'an APPEND whose answer was lost is undone and done again');
      return isAll;
    }
    throw new FileSystemError('EIO', 'append to', path);
  }

  #nextTemporary(): string {
    const temporary = this.#options.nextTemporary();
    this.#temporaries.push(temporary);
    return temporary;
  }

  #forget(temporary: string): void {
    this.#temporaries.splice(this.#temporaries.indexOf(temporary), 1);
  }

  async #removeTemporaries(): Promise<void> {
    for (const temporary of this.#temporaries.splice(0)) {
      try {
        await this.#options.client.remove(temporary);
      } catch {
        // Left to the sweep: giving up has to work on a broken cluster too.
      }
    }
  }

  #take(): Uint8Array {
    const joined = joinBytes(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    return joined;
  }
}
