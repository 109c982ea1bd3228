// Reads one FileSplit: takes chunks of the file as they come and gives out records one by one.
// Chunks may end anywhere, also inside a character. The offset is always that of the next unread
// record, so that a snapshot between two records loses and repeats nothing.

import { assert } from '../core/assert.ts';
import { OnceproofError } from '../core/errors.ts';
import { decodeText } from './decode-text.ts';
import type { FileSplit } from './file-split.ts';
import type { DecodedRecord, RecordDecoder } from './record-format.ts';

/** 'starved': ask for a chunk. 'nothing': no record, but go on. */
export type CursorStep = 'record' | 'nothing' | 'malformed' | 'starved' | 'done';

const EMPTY = new Uint8Array(0);
const CARRIAGE_RETURN = 0x0d;
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

export class FileSplitCursor<T> {
  readonly decoded: DecodedRecord<T> = {
    kind: 'nothing',
    value: undefined,
    header: undefined,
    problem: '',
  };
  readonly #split: FileSplit;
  readonly #format: RecordDecoder<T>;
  readonly #chunkBytes: number;
  readonly #maxRecordBytes: number;
  #header: readonly string[] | undefined;
  #isAligned: boolean;
  #recordsRead: number;
  /** Bytes #from..#to of the window are unread; #from stands at #offset in the file. */
  #window: Uint8Array = EMPTY;
  #from = 0;
  #to = 0;
  #offset: number;
  #lastOffset = 0;
  /** Chunks are asked for up to here: the end of the piece, or of the record that crosses it. */
  #limit: number;

  constructor(
    split: FileSplit,
    format: RecordDecoder<T>,
    options: { readonly chunkBytes: number; readonly maxRecordBytes: number },
  ) {
    this.#split = split;
    this.#format = format;
    this.#chunkBytes = options.chunkBytes;
    this.#maxRecordBytes = options.maxRecordBytes;
    this.#header = split.header;
    this.#isAligned = split.isAligned;
    this.#recordsRead = split.recordsRead;
    // Only the byte before tells whether a record starts exactly at the start of the piece.
    this.#offset = split.isAligned ? split.offset : split.start - 1;
    this.#limit = split.end;
  }

  get path(): string {
    return this.#split.path;
  }

  /** Where the next chunk starts and how long it is; undefined while enough is here. */
  wantedChunk(
    isStarved: boolean,
  ): { readonly offset: number; readonly length: number } | undefined {
    const offset = this.#offset + this.#buffered;
    if (isStarved && offset >= this.#limit) {
      this.#limit = Math.min(this.#split.sizeBytes, this.#limit + this.#chunkBytes);
    }
    if (offset >= this.#limit || (!isStarved && this.#buffered >= this.#chunkBytes))
      return undefined;
    // A record that is longer than the window doubles it, so that it is scanned a few times only.
    const length = Math.max(this.#chunkBytes, isStarved ? this.#buffered : 0);
    return { offset, length: Math.min(length, this.#limit - offset) };
  }

  accept(chunk: Uint8Array): void {
    if (chunk.length === 0) throw this.#shrunk();
    const buffered = this.#buffered;
    const window = new Uint8Array(buffered + chunk.length);
    window.set(this.#window.subarray(this.#from, this.#to));
    window.set(chunk, buffered);
    this.#window = window;
    this.#from = 0;
    this.#to = window.length;
  }

  /** 'record' and 'malformed' leave the details in `decoded`. */
  next(): CursorStep {
    if (!this.#isAligned) return this.#align();
    if (this.#offset >= this.#split.end) return 'done';
    if (this.#offset === 0) this.#skipByteOrderMark();
    const end = this.#endOfRecord();
    if (end < 0) return 'starved';
    if (end === this.#from) return 'done';
    return this.#decode(end);
  }

  snapshot(): FileSplit {
    return {
      ...this.#split,
      offset: this.#isAligned ? this.#offset : this.#split.offset,
      isAligned: this.#isAligned,
      recordsRead: this.#recordsRead,
      header: this.#header,
    };
  }

  /** Where the record that was read last starts, for people. */
  lastPosition(): string {
    const offset = `byte offset ${this.#lastOffset}`;
    if (this.#split.start > 0) return offset;
    return `${this.#format.unit} ${this.#recordsRead}, ${offset}`;
  }

  get #buffered(): number {
    return this.#to - this.#from;
  }

  get #isAllLoaded(): boolean {
    return this.#offset + this.#buffered >= this.#split.sizeBytes;
  }

  /** A piece in the middle of a file starts behind the first line break at or after start - 1. */
  #align(): CursorStep {
    const end = this.#endOfRecord();
    if (end < 0) return 'starved';
    this.#advance(end);
    this.#isAligned = true;
    return 'nothing';
  }

  /** The last record of a file need not end in a line break. */
  #endOfRecord(): number {
    const end = this.#format.endOf(this.#window, this.#from, this.#to);
    if (end >= 0) return end;
    if (this.#isAllLoaded) return this.#to;
    if (this.#buffered > this.#maxRecordBytes) throw this.#tooLong();
    return -1;
  }

  /** Where fewer bytes are here, no record can end before the mark does: it is looked for again. */
  #skipByteOrderMark(): void {
    if (this.#buffered < BYTE_ORDER_MARK.length) return;
    const isMark = BYTE_ORDER_MARK.every(
      (byte, index) => this.#window[this.#from + index] === byte,
    );
    if (isMark) this.#advance(this.#from + BYTE_ORDER_MARK.length);
  }

  #decode(end: number): CursorStep {
    const start = this.#from;
    this.#lastOffset = this.#offset;
    this.#recordsRead++;
    this.#advance(end);
    const text = decodeText(this.#window, start, this.#endOfText(start, end));
    if (text === undefined) {
      this.decoded.problem = 'it is not UTF-8';
      return 'malformed';
    }
    this.#format.decode(text, this.#header, this.decoded);
    if (this.decoded.kind === 'unreadable') throw this.#unreadable(this.decoded.problem);
    if (this.decoded.kind !== 'header') return this.decoded.kind;
    this.#header = this.decoded.header;
    return 'nothing';
  }

  #endOfText(start: number, end: number): number {
    let at = end;
    if (at > start && this.#window[at - 1] === NEWLINE) at--;
    return at > start && this.#window[at - 1] === CARRIAGE_RETURN ? at - 1 : at;
  }

  #advance(to: number): void {
    assert(to >= this.#from && to <= this.#to, `Cannot advance to ${to}: the window ends before`);
    this.#offset += to - this.#from;
    this.#from = to;
  }

  #tooLong(): OnceproofError {
    const place = `${this.path}, byte offset ${this.#offset}`;
    const limit = `more than ${this.#maxRecordBytes} bytes long`;
    return new OnceproofError('OP-E203', `Cannot read "${this.path}": a record is ${limit}`, {
      place,
      remedy: 'Check that the file has the format it is read as, or raise maxRecordBytes',
    });
  }

  #shrunk(): OnceproofError {
    const { path, sizeBytes } = this.#split;
    return new OnceproofError(
      'OP-E204',
      `Cannot read "${path}": it had ${sizeBytes} bytes before`,
      {
        place: path,
        remedy: 'Put whole files in place by renaming them, and do not change them afterwards',
      },
    );
  }

  #unreadable(problem: string): OnceproofError {
    return new OnceproofError('OP-E203', `Cannot read "${this.path}": ${problem}`, {
      place: `${this.path}, ${this.lastPosition()}`,
      remedy: 'Mend the file, or change the columns that the format asks for',
    });
  }
}
