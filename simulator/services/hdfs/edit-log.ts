// The edits of a pair of NameNodes, on a disk that both of them mount. Each time one becomes active
// it begins a segment with the next epoch, which fences all earlier ones: an edit counts only if no
// later segment existed once it was durable. A segment begins with all that counts of the earlier
// ones, written anew: a sync that failed once proves nothing. Not modeled: quorum journals, images.

import { crc32c } from '../../../engine/core/crc32c.ts';
import { type FileSystem, FileSystemError } from '../../../engine/environment/filesystem.ts';
import { type Edit, NameSpace } from './name-space.ts';

const DIRECTORY = '/edits';

/** Of one life as the active NameNode. */
export interface OpenedLog {
  readonly epoch: number;
  readonly nameSpace: NameSpace;
}

interface Begin {
  readonly op: 'begin';
  /** So many edits of earlier segments come first. */
  readonly inherited: number;
}

type Entry = Begin | Edit;

/** A newer epoch has begun: what was just done may or may not count. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

export class EditLog {
  readonly #files: FileSystem;

  constructor(files: FileSystem) {
    this.#files = files;
  }

  /** Undefined if another one was quicker. */
  async begin(): Promise<OpenedLog | undefined> {
    await this.#files.makeDirectory(DIRECTORY);
    await this.#files.sync('/');
    const epochs = await this.#epochs();
    const epoch = Math.max(0, ...epochs) + 1;
    if (!(await this.#claim(epoch))) return undefined;
    const edits = await this.#newestOf(epochs);
    await this.#write(epoch, [{ op: 'begin', inherited: edits.length }, ...edits]);
    if (await this.isSuperseded(epoch)) return undefined;
    const nameSpace = new NameSpace();
    for (const edit of edits) nameSpace.apply(edit);
    return { epoch, nameSpace };
  }

  /** Resolves once the edit is durable and counts for ever. */
  async append(epoch: number, edit: Edit): Promise<void> {
    await this.#write(epoch, [edit]);
    if (await this.isSuperseded(epoch)) throw new Superseded('Cannot edit: another epoch began');
  }

  async isSuperseded(epoch: number): Promise<boolean> {
    return (await this.#files.status(pathOf(epoch + 1))) !== undefined;
  }

  async #claim(epoch: number): Promise<boolean> {
    try {
      await this.#files.create(pathOf(epoch), new Uint8Array());
    } catch (error) {
      if (error instanceof FileSystemError && error.code === 'EEXIST') return false;
      throw error;
    }
    await this.#files.sync(DIRECTORY);
    return true;
  }

  async #write(epoch: number, entries: readonly Entry[]): Promise<void> {
    await this.#files.append(pathOf(epoch), encodeEntries(entries));
    await this.#files.sync(pathOf(epoch));
  }

  async #epochs(): Promise<readonly number[]> {
    const names = await this.#files.list(DIRECTORY);
    return names.map(Number).toSorted((left, right) => left - right);
  }

  /** Of the newest segment that was begun: one that was not never had an edit. */
  async #newestOf(epochs: readonly number[]): Promise<readonly Edit[]> {
    for (const epoch of epochs.toReversed()) {
      const [begin, ...edits] = decodeEntries(await this.#files.read(pathOf(epoch)));
      if (begin?.op !== 'begin' || edits.length < begin.inherited) continue;
      return edits.filter((entry) => entry.op !== 'begin');
    }
    return [];
  }
}

function pathOf(epoch: number): string {
  return `${DIRECTORY}/${String(epoch).padStart(6, '0')}`;
}

/** A line each: a checksum, and JSON in ASCII. */
function encodeEntries(entries: readonly Entry[]): Uint8Array {
  const lines = entries.map((entry) => {
    const json = JSON.stringify(entry).replace(
      /[^\0-\x7e]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    return `${checksumOf(json)} ${json}\n`;
  });
  return bytesOf(lines.join(''));
}

/** Up to what a crash has torn. */
function decodeEntries(bytes: Uint8Array): readonly Entry[] {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  const entries: Entry[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const json = line.slice(9);
    if (line.slice(0, 8) !== checksumOf(json)) break;
    entries.push(JSON.parse(json) as Entry);
  }
  return entries;
}

function checksumOf(text: string): string {
  return (crc32c(bytesOf(text)) >>> 0).toString(16).padStart(8, '0');
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
