// A bounded source of records in files: a file or a directory of them, listed once when the source
// starts, sorted by name. Offsets are bytes, so a restored reader continues at the very record.
// Does not watch directories for new files and does not decompress.

import { OnceproofError } from '../core/errors.ts';
import { NO_TIMESTAMP } from '../stream/elements.ts';
import { explainMissing, type FileSplit, findFileSplits } from './file-split.ts';
import { FileSplitCursor } from './file-split-cursor.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { RecordDecoder } from './record-format.ts';
import type {
  ReaderOutput,
  ReaderStatus,
  Source,
  SourceReader,
  SourceReaderContext,
  SplitEnumeratorContext,
} from './source.ts';
import { type StaticEnumeratorState, StaticSplitEnumerator } from './static-split-enumerator.ts';

/** A record that was left out because of `onMalformed: 'skip'`. */
export interface MalformedRecord {
  readonly path: string;
  /** 'line 17, byte offset 345'. */
  readonly position: string;
  readonly problem: string;
  /** How many this reader has left out so far, this one included. */
  readonly count: number;
}

export interface FileSourceOptions<T> {
  /** Absolute: files, or directories of which all files are read. */
  readonly path?: string;
  readonly paths?: readonly string[];
  readonly format: RecordDecoder<T>;
  readonly name?: string;
  /** Cuts larger files into pieces that are read in parallel; line formats only. Default: whole. */
  readonly splitBytes?: number;
  /** What to do with a record that the format cannot read. Default 'fail'. */
  readonly onMalformed?: 'fail' | 'skip';
  /** Told of every record that is left out, again after a restart. */
  readonly onSkipped?: (record: MalformedRecord) => void;
  readonly timestampOf?: (value: T) => number;
  /** By each reader. Default: as fast as possible. */
  readonly recordsPerSecond?: number;
  /** How much is read at once. Default 256 KiB. */
  readonly chunkBytes?: number;
  /** Default 64 MiB. */
  readonly maxRecordBytes?: number;
}

const CHUNK_BYTES_DEFAULT = 256 * 1024;
const MAX_RECORD_BYTES_DEFAULT = 64 * 1024 * 1024;

export class FileSource<T> implements Source<T, FileSplit, StaticEnumeratorState<FileSplit>> {
  readonly name: string;
  readonly boundedness = 'bounded';
  readonly #options: FileSourceOptions<T>;
  readonly #paths: readonly string[];

  constructor(options: FileSourceOptions<T>) {
    this.#options = options;
    this.#paths = [...(options.path === undefined ? [] : [options.path]), ...(options.paths ?? [])];
    this.name = options.name ?? `files(${this.#paths.join(', ')})`;
    this.#check();
  }

  createEnumerator(
    context: SplitEnumeratorContext<FileSplit>,
    restored: StaticEnumeratorState<FileSplit> | undefined,
  ): StaticSplitEnumerator<FileSplit> {
    const splitBytes = this.#options.splitBytes ?? Infinity;
    const discovery = {
      kind: 'io',
      label: 'list files',
      find: () => findFileSplits(context.filesystem, this.#paths, splitBytes),
    } as const;
    return new StaticSplitEnumerator(context, discovery, restored);
  }

  createReader(context: SourceReaderContext): SourceReader<T, FileSplit> {
    return new FileReader(context, this.#options);
  }

  #check(): void {
    const { splitBytes, format, chunkBytes, recordsPerSecond } = this.#options;
    if (recordsPerSecond !== undefined && !(recordsPerSecond > 0)) {
      throw this.#invalid('recordsPerSecond', `it is ${recordsPerSecond}`, 'Give a number above 0');
    }
    if (this.#paths.length === 0) throw this.#invalid('path', 'there is none', 'Name a file');
    const wrong = this.#paths.find((path) => !/^(\/[^/]+)+$/.test(path));
    if (wrong !== undefined) {
      throw this.#invalid('path', `it is "${wrong}"`, 'Give an absolute path without a last "/"');
    }
    if (splitBytes !== undefined && !(splitBytes >= 1 && format.splittable)) {
      const remedy = 'Leave it out, or give a number above 0 and a format of one record a line';
      throw this.#invalid('splitBytes', `it is ${splitBytes}`, remedy);
    }
    if (chunkBytes !== undefined && !(chunkBytes >= 1)) {
      throw this.#invalid('chunkBytes', `it is ${chunkBytes}`, 'Give a number above 0');
    }
  }

  #invalid(option: string, problem: string, remedy: string): OnceproofError {
    const message = `Cannot create source with this ${option}: ${problem}`;
    return new OnceproofError('OP-E302', message, { place: `FileSource.${option}`, remedy });
  }
}

class FileReader<T> implements SourceReader<T, FileSplit> {
  readonly #context: SourceReaderContext;
  readonly #options: FileSourceOptions<T>;
  readonly #waiting: FileSplit[] = [];
  #cursor: FileSplitCursor<T> | undefined;
  #isLoading = false;
  #limiter: RateLimiter | undefined;
  #isWakePending = false;
  #noMoreSplits = false;
  #skipped = 0;
  #emitted = 0;

  constructor(context: SourceReaderContext, options: FileSourceOptions<T>) {
    this.#context = context;
    this.#options = options;
  }

  start(): void {
    const rate = this.#options.recordsPerSecond;
    if (rate !== undefined) this.#limiter = new RateLimiter(rate, this.#context.clock.now());
  }

  pollNext(output: ReaderOutput<T>, limit: number): ReaderStatus {
    const limiter = this.#limiter;
    if (limiter === undefined) return this.#poll(output, limit);
    const nowMs = this.#context.clock.now();
    const allowed = limiter.available(nowMs, limit);
    const before = this.#emitted;
    const status = allowed > 0 ? this.#poll(output, allowed) : 'nothing-available';
    limiter.use(this.#emitted - before);
    if (status === 'end-of-input' || limiter.available(nowMs, 1) > 0) return status;
    this.#wakeAfter(limiter.delayMs(nowMs));
    return 'nothing-available';
  }

  #poll(output: ReaderOutput<T>, limit: number): ReaderStatus {
    for (let emitted = 0; emitted < limit; ) {
      const cursor = this.#cursor ?? this.#open();
      if (cursor === undefined) return this.#noMoreSplits ? 'end-of-input' : 'nothing-available';
      const step = cursor.next();
      if (step === 'starved') {
        this.#load(cursor, true);
        return 'nothing-available';
      }
      if (step === 'done') this.#cursor = undefined;
      else if (step === 'malformed') this.#malformed(cursor);
      else if (step === 'record') {
        this.#emit(cursor, output);
        emitted++;
      }
    }
    if (this.#cursor !== undefined) this.#load(this.#cursor, false);
    return 'more-available';
  }

  #wakeAfter(delayMs: number): void {
    if (this.#isWakePending) return;
    this.#isWakePending = true;
    this.#context.schedule(delayMs, () => {
      this.#isWakePending = false;
      this.#context.wakeUp();
    });
  }

  addSplits(splits: readonly FileSplit[]): void {
    this.#waiting.push(...splits);
  }

  notifyNoMoreSplits(): void {
    this.#noMoreSplits = true;
  }

  snapshotState(): readonly FileSplit[] {
    return this.#cursor === undefined
      ? [...this.#waiting]
      : [this.#cursor.snapshot(), ...this.#waiting];
  }

  close(): void {
    this.#cursor = undefined;
    this.#waiting.length = 0;
  }

  #open(): FileSplitCursor<T> | undefined {
    const split = this.#waiting.shift();
    if (split === undefined) return undefined;
    const { format, chunkBytes, maxRecordBytes } = this.#options;
    this.#cursor = new FileSplitCursor(split, format, {
      chunkBytes: chunkBytes ?? CHUNK_BYTES_DEFAULT,
      maxRecordBytes: maxRecordBytes ?? MAX_RECORD_BYTES_DEFAULT,
    });
    return this.#cursor;
  }

  #emit(cursor: FileSplitCursor<T>, output: ReaderOutput<T>): void {
    // The step said that there is one.
    const value = cursor.decoded.value as T;
    this.#emitted++;
    output.collect(value, this.#options.timestampOf?.(value) ?? NO_TIMESTAMP);
  }

  #malformed(cursor: FileSplitCursor<T>): void {
    const { path, decoded } = cursor;
    const position = cursor.lastPosition();
    if (this.#options.onMalformed === 'skip') {
      this.#skipped++;
      const { problem } = decoded;
      this.#options.onSkipped?.({ path, position, problem, count: this.#skipped });
      return;
    }
    const message = `Cannot read "${path}", ${position}: ${decoded.problem}`;
    throw new OnceproofError('OP-E203', message, {
      place: `${path}, ${position}`,
      remedy: "Mend the file, or set onMalformed: 'skip' to leave such records out and count them",
    });
  }

  /** One chunk at a time; the next one comes while the last is being read. */
  #load(cursor: FileSplitCursor<T>, isStarved: boolean): void {
    if (this.#isLoading) return;
    const wanted = cursor.wantedChunk(isStarved);
    if (wanted === undefined) return;
    this.#isLoading = true;
    const { path } = cursor;
    const { filesystem } = this.#context;
    this.#context.io(
      'read file',
      () => explainMissing(path, () => filesystem.read(path, wanted.offset, wanted.length)),
      (chunk) => {
        this.#isLoading = false;
        cursor.accept(chunk);
        this.#context.wakeUp();
      },
    );
  }
}
