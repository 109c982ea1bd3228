// The records on the server's disk: one file to which lines are added, each with its checksum and
// synced before anybody is told. A line that a crash has torn, or that was never confirmed, may be
// there or not. Does not protect against a disk that forgets or alters what it has synced.

import { utf8ToBytes } from '@noble/hashes/utils.js';
import { crc32c } from '../../../engine/core/crc32c.ts';
import type { FileSystem } from '../../../engine/environment/filesystem.ts';
import { SerialCalls } from '../../../engine/environment/serial-calls.ts';
import { type DruidRecord, jsonOfRecord, recordOfJson } from './records.ts';
import { utf8ToText } from './utf8.ts';

const DIRECTORY = '/druid';
const FILE = `${DIRECTORY}/journal`;
const LINE_FEED = 0x0a;
const CHECKSUM_DIGITS = 8;

export class Journal {
  readonly #filesystem: FileSystem;
  readonly #calls = new SerialCalls();

  constructor(filesystem: FileSystem) {
    this.#filesystem = filesystem;
  }

  /** What earlier lives have left, in order. */
  async load(): Promise<readonly DruidRecord[]> {
    const files = this.#filesystem;
    await files.makeDirectory(DIRECTORY);
    if ((await files.status(FILE)) === undefined) await files.create(FILE, new Uint8Array());
    await files.sync(FILE);
    await files.sync(DIRECTORY);
    await files.sync('/');
    return [...linesOf(await files.read(FILE))].flatMap(recordsOfLine);
  }

  /**
   * One change after the other: `decide` sees all before it, `apply` is called once the record is
   * durable. Undefined: nothing to change.
   */
  change(
    decide: () => DruidRecord | undefined,
    apply: (record: DruidRecord) => void,
  ): Promise<DruidRecord | undefined> {
    return this.#calls.run(async () => {
      const record = decide();
      if (record === undefined) return undefined;
      await this.#filesystem.append(FILE, lineOf(record));
      await this.#filesystem.sync(FILE);
      apply(record);
      return record;
    });
  }
}

/** A line feed before it as well: what a failed write may have left ends there. */
function lineOf(record: DruidRecord): Uint8Array {
  const json = utf8ToBytes(jsonOfRecord(record));
  const checksum = crc32c(json).toString(16).padStart(CHECKSUM_DIGITS, '0');
  const line = new Uint8Array(json.length + CHECKSUM_DIGITS + 2);
  line[0] = LINE_FEED;
  line.set(utf8ToBytes(checksum), 1);
  line.set(json, CHECKSUM_DIGITS + 1);
  line[line.length - 1] = LINE_FEED;
  return line;
}

function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== LINE_FEED) continue;
    if (at > start) yield bytes.subarray(start, at);
    start = at + 1;
  }
}

function recordsOfLine(line: Uint8Array): readonly DruidRecord[] {
  const json = line.subarray(CHECKSUM_DIGITS);
  const checksum = crc32c(json).toString(16).padStart(CHECKSUM_DIGITS, '0');
  const isWhole = checksum === String.fromCharCode(...line.subarray(0, CHECKSUM_DIGITS));
  return isWhole ? [recordOfJson(utf8ToText(json))] : [];
}
