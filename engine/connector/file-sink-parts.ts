// The writer of a FileSink: collects records, appends them to files in progress, and seals these at
// the barrier. All I/O of one writer happens in order, one call at a time. A failed call ends the
// attempt: the job falls back to its checkpoint, and what was written here is never used.

import { assert } from '../core/assert.ts';
import { OnceproofError } from '../core/errors.ts';
import type { CheckpointId } from '../core/ids.ts';
import type { FileSystem } from '../environment/filesystem.ts';
import { makeDirectoryDurably } from './durable-directory.ts';
import type { FileCommittable } from './file-committer.ts';
import { removeQuietly } from './lingering-files.ts';
import { OrderedIo } from './ordered-io.ts';
import { OutputBuffer } from './output-buffer.ts';
import { finishedName, type PartOwner, pendingName } from './part-file-name.ts';
import type { RecordEncoder } from './record-format.ts';
import type { PreparedCommit, SinkContext, SinkWriter } from './sink.ts';

export interface FileSinkWriterOptions<IN> {
  readonly directory: string;
  readonly owner: PartOwner;
  readonly format: RecordEncoder<IN>;
  readonly maxPartBytes: number;
  readonly bufferBytes: number;
}

/** How many full buffers may wait for the disk before input is held back. */
const QUEUED_BUFFERS_MAX = 4;

interface Part {
  readonly finishedName: string;
  readonly path: string;
  /** Handed to the disk; what is still in the buffer comes on top. */
  sizeBytes: number;
}

export class FileSinkWriter<IN> implements SinkWriter<IN, FileCommittable, never> {
  readonly #filesystem: FileSystem;
  readonly #options: FileSinkWriterOptions<IN>;
  readonly #io: OrderedIo;
  readonly #buffer: OutputBuffer;
  #part: Part | undefined;
  /** Full, and waiting for the next barrier. */
  #full: Part[] = [];
  #count = 0;
  #queuedBytes = 0;
  #lastCheckpoint: CheckpointId | 0;

  constructor(
    context: Omit<SinkContext, 'parallelism' | 'clock'>,
    options: FileSinkWriterOptions<IN>,
  ) {
    this.#filesystem = context.filesystem;
    this.#options = options;
    this.#io = new OrderedIo(context);
    this.#buffer = new OutputBuffer(options.bufferBytes);
    this.#lastCheckpoint = context.restoredCheckpoint ?? 0;
  }

  write(value: IN): void {
    const record = this.#options.format.encode(value);
    const part = this.#part ?? this.#open();
    this.#buffer.append(record);
    if (part.sizeBytes + this.#buffer.sizeBytes >= this.#options.maxPartBytes) this.#endPart();
    else if (this.#buffer.sizeBytes >= this.#options.bufferBytes) this.#flush(part);
  }

  isAvailable(): boolean {
    return this.#queuedBytes < QUEUED_BUFFERS_MAX * this.#options.bufferBytes;
  }

  /**
   * `durable` also covers what was sealed for earlier checkpoints: this one's acknowledgement hands
   * their committables over as well.
   */
  prepareCommit(checkpoint: CheckpointId): PreparedCommit<FileCommittable, never> {
    this.#endPart();
    const parts = this.#full;
    this.#full = [];
    const committables = parts.map((part) => this.#committable(part));
    if (parts.length > 0) this.#io.run('seal files', () => this.#seal(parts, committables));
    this.#lastCheckpoint = checkpoint;
    return { committables, writerState: [], durable: this.#io.settled() };
  }

  /** What was sealed stays: its checkpoint may be complete. */
  close(): void {
    const parts = this.#part === undefined ? this.#full : [...this.#full, this.#part];
    this.#io.stop(async () => {
      for (const { path } of parts) await removeQuietly(this.#filesystem, path);
    });
  }

  #open(): Part {
    const { directory, owner, format } = this.#options;
    if (this.#count === 0) {
      this.#io.run('make directory', () => makeDirectoryDurably(this.#filesystem, directory));
    }
    const name = finishedName(owner, this.#count, format.extension);
    const part = { finishedName: name, path: `${directory}/.${name}.inprogress`, sizeBytes: 0 };
    this.#count++;
    this.#part = part;
    if (format.preamble !== undefined) this.#buffer.append(format.preamble);
    return part;
  }

  #endPart(): void {
    if (this.#part === undefined) return;
    this.#flush(this.#part);
    this.#full.push(this.#part);
    this.#part = undefined;
  }

  /** The first bytes create the file: a name that is taken is never added to. */
  #flush(part: Part): void {
    const bytes = this.#buffer.take();
    const isFirst = part.sizeBytes === 0;
    if (bytes.length === 0 && !isFirst) return;
    part.sizeBytes += bytes.length;
    this.#queuedBytes += bytes.length;
    const { path } = part;
    this.#io.run(
      'append to file',
      () => (isFirst ? this.#filesystem.create(path, bytes) : this.#filesystem.append(path, bytes)),
      () => {
        this.#queuedBytes -= bytes.length;
      },
    );
  }

  #committable({ finishedName: name, sizeBytes }: Part): FileCommittable {
    const { directory } = this.#options;
    return {
      pendingPath: `${directory}/${pendingName(name, this.#lastCheckpoint)}`,
      finishedPath: `${directory}/${name}`,
      sizeBytes,
    };
  }

  /** Data first, then the names: a pending name never stands for data that a crash can take. */
  async #seal(parts: readonly Part[], committables: readonly FileCommittable[]): Promise<void> {
    for (const [index, { path, sizeBytes }] of parts.entries()) {
      const committable = committables[index];
      assert(committable !== undefined, `Cannot seal "${path}": it has no committable`);
      await this.#filesystem.sync(path);
      const status = await this.#filesystem.status(path);
      if (status?.kind !== 'file' || status.sizeBytes !== sizeBytes) throw changed(path, sizeBytes);
      const { pendingPath, finishedPath } = committable;
      // A run that counted alike and drew the same uid must not have its output replaced.
      if ((await this.#filesystem.status(finishedPath)) !== undefined) throw taken(finishedPath);
      await this.#filesystem.rename(path, pendingPath);
    }
    await this.#filesystem.sync(this.#options.directory);
  }
}

function taken(path: string): OnceproofError {
  const message = `Cannot seal a file as "${path}": another run of the job has written it`;
  const remedy = 'Let the job restart: a later attempt chooses other names';
  return new OnceproofError('OP-E616', message, { place: path, remedy });
}

function changed(path: string, sizeBytes: number): OnceproofError {
  const message = `Cannot seal "${path}": it does not have the ${sizeBytes} bytes written to it`;
  const remedy = 'Let nobody else change the output directory while the job runs';
  return new OnceproofError('OP-E616', message, { place: path, remedy });
}
