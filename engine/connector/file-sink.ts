// Writes records to files of a directory, exactly once. Files become visible, under names that
// start with the prefix and never change again, when the checkpoint that sealed them is complete.
// Readers take only such names; what starts with a dot is unfinished. One prefix in a directory
// belongs to one sink of one job. Every checkpoint ends a file; nothing here merges small ones.

import { OnceproofError } from '../core/errors.ts';
import { FileCommitter, type FileCommittable } from './file-committer.ts';
import { FileSinkWriter } from './file-sink-parts.ts';
import { abortLingeringFiles, type LingeringContext } from './lingering-files.ts';
import { partOwner } from './part-file-name.ts';
import type { RecordEncoder } from './record-format.ts';
import type { Committer, Sink, SinkContext, SinkWriter } from './sink.ts';

export interface FileSinkOptions<IN> {
  /** Absolute. Made when the first record is written. */
  readonly directory: string;
  /** `jsonLines()`, `csv({...})`, or an encoder of your own. */
  readonly format: RecordEncoder<IN>;
  /** What names of finished files start with. Default 'part'. */
  readonly prefix?: string;
  /** A file that has grown to this ends, also between checkpoints. Default 128 MiB. */
  readonly maxPartBytes?: number;
  /** Records are collected up to this before they are written. Default 256 KiB. */
  readonly bufferBytes?: number;
  readonly name?: string;
}

/** What of its context the writer uses. */
export type FileSinkContext = Omit<SinkContext, 'parallelism' | 'clock'>;

/** Flink's DefaultRollingPolicy. */
const MAX_PART_BYTES_DEFAULT = 128 * 1024 * 1024;
const BUFFER_BYTES_DEFAULT = 256 * 1024;

export class FileSink<IN> implements Sink<IN, FileCommittable, never> {
  readonly name: string;
  readonly #directory: string;
  readonly #prefix: string;
  readonly #format: RecordEncoder<IN>;
  readonly #maxPartBytes: number;
  readonly #bufferBytes: number;

  constructor(options: FileSinkOptions<IN>) {
    this.#directory = options.directory;
    this.#prefix = options.prefix ?? 'part';
    this.name = options.name ?? `files(${options.directory})`;
    this.#format = options.format;
    this.#maxPartBytes = options.maxPartBytes ?? MAX_PART_BYTES_DEFAULT;
    this.#bufferBytes = options.bufferBytes ?? BUFFER_BYTES_DEFAULT;
    this.#check();
  }

  createWriter(context: FileSinkContext): SinkWriter<IN, FileCommittable, never> {
    return new FileSinkWriter(context, {
      directory: this.#directory,
      owner: partOwner(this.#prefix, context),
      format: this.#format,
      maxPartBytes: this.#maxPartBytes,
      bufferBytes: this.#bufferBytes,
    });
  }

  createCommitter(context: Pick<SinkContext, 'filesystem'>): Committer<FileCommittable> {
    return new FileCommitter(context.filesystem);
  }

  abortLingering(context: LingeringContext): Promise<void> {
    return abortLingeringFiles(context, this.#directory, this.#prefix);
  }

  #check(): void {
    if (!/^(\/[^/]+)+$/.test(this.#directory)) {
      throw this.#invalid('directory', this.#directory, 'Give an absolute path below the root');
    }
    if (!/^[A-Za-z0-9][\w.-]*$/.test(this.#prefix)) {
      const remedy = 'Start it with a letter or digit and go on with those, "_", "-" or "."';
      throw this.#invalid('prefix', this.#prefix, remedy);
    }
    if (!(this.#maxPartBytes >= 1)) {
      throw this.#invalid('maxPartBytes', this.#maxPartBytes, 'Give a number of bytes above 0');
    }
    if (!(this.#bufferBytes >= 1)) {
      throw this.#invalid('bufferBytes', this.#bufferBytes, 'Give a number of bytes above 0');
    }
  }

  #invalid(option: string, value: string | number, remedy: string): OnceproofError {
    const message = `Cannot create sink "${this.name}": ${option} is "${value}"`;
    return new OnceproofError('OP-E302', message, { place: `FileSink.${option}`, remedy });
  }
}
