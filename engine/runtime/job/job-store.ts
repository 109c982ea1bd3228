// What the JobManager must remember across its own crashes, beside checkpoints: the leader epoch,
// so that messages of earlier leaders can be told apart, and the result, so that a finished job is
// never run again. Small files, each replaced in one step that a crash leaves undone or done. Does
// not keep two processes from using one directory.

import { makeDurableDirectory } from '../../checkpoint/durable-files.ts';
import { OnceproofError } from '../../core/errors.ts';
import type { CheckpointId } from '../../core/ids.ts';
import type { FileSystem } from '../../environment/filesystem.ts';
import { decodeWtf8, encodeWtf8, wtf8Length } from '../../stream/wtf8.ts';

export interface JobResult {
  /** 'suspended': stopped so that it can be resumed. Never stored. */
  readonly state: 'finished' | 'failed' | 'canceled' | 'suspended';
  readonly cause: string | undefined;
}

export class JobStore {
  readonly #filesystem: FileSystem;
  readonly #directory: string | undefined;
  /** Used where there is no directory: then nothing survives this process. */
  readonly #inMemory = new Map<string, string>();
  /** One write at a time: two of the same name would share their unfinished file. */
  #lastWrite: Promise<void> = Promise.resolve();
  #reservedId = 0;
  #completedId = 0;
  #isOver = false;

  constructor(filesystem: FileSystem, directory: string | undefined) {
    this.#filesystem = filesystem;
    this.#directory = directory;
  }

  /** Makes this process the leader: an epoch greater than every earlier one, durable on return. */
  async nextLeaderEpoch(): Promise<number> {
    if (this.#directory !== undefined) {
      await makeDurableDirectory(this.#filesystem, this.#directory);
    }
    const epoch = (await this.#readCount('leader-epoch')) + 1;
    await this.#replace('leader-epoch', String(epoch));
    return epoch;
  }

  /** No id up to this one may be given to another checkpoint. */
  async checkpointIdFloor(): Promise<number> {
    return this.#readCount('checkpoint-id');
  }

  /** Durable before the checkpoint begins, so that no later leader uses the id again. */
  async reserveCheckpointId(checkpoint: CheckpointId): Promise<void> {
    this.#reservedId = Math.max(this.#reservedId, checkpoint);
    // Whichever of several is written last, none that was promised is forgotten.
    await this.#replace('checkpoint-id', String(this.#reservedId));
  }

  /** The newest checkpoint that was ever complete; 0 if none, or if the job is over. */
  async completedCheckpoint(): Promise<number> {
    return this.#readCount('completed-checkpoint');
  }

  /**
   * Durable before anything of the checkpoint is committed: if it cannot be found later, that is
   * damage, and not a reason to go on from an older one.
   */
  async recordCompleted(checkpoint: CheckpointId): Promise<void> {
    if (this.#isOver) return;
    this.#completedId = Math.max(this.#completedId, checkpoint);
    await this.#replace('completed-checkpoint', String(this.#completedId));
  }

  async result(): Promise<JobResult | undefined> {
    const text = await this.#read('job-result');
    if (text === undefined) return undefined;
    try {
      return (JSON.parse(text) as JobResult | null) ?? undefined;
    } catch {
      throw this.#damaged('job-result');
    }
  }

  /** From here on checkpoints may go. */
  async storeResult(result: JobResult): Promise<void> {
    await this.#replace('job-result', JSON.stringify(result));
    this.#isOver = true;
    await this.#replace('completed-checkpoint', '0');
  }

  /**
   * Durable on return. The file stays and says that there is none: whether a removal is durable
   * cannot be learned anymore once a sync of the directory has failed, and it can be replaced
   * again.
   */
  async clearResult(): Promise<void> {
    if ((await this.#read('job-result')) === undefined) return;
    await this.#replace('job-result', 'null');
  }

  async #read(name: string): Promise<string | undefined> {
    if (this.#directory === undefined) return this.#inMemory.get(name);
    const path = `${this.#directory}/${name}`;
    if ((await this.#filesystem.status(path)) === undefined) return undefined;
    const bytes = await this.#filesystem.read(path);
    const text = decodeWtf8(bytes, 0, bytes.length);
    if (text === undefined) throw this.#damaged(name);
    return text;
  }

  async #readCount(name: string): Promise<number> {
    const text = await this.#read(name);
    if (text === undefined) return 0;
    const count = Number(text);
    if (text === '' || !Number.isSafeInteger(count) || count < 0) throw this.#damaged(name);
    return count;
  }

  #damaged(name: string): OnceproofError {
    const place = `${this.#directory ?? ''}/${name}`;
    return new OnceproofError('OP-E530', `Cannot read "${name}" of the job: it is damaged`, {
      place,
      remedy: 'Put the file back from a copy; without it earlier leaders cannot be told apart',
    });
  }

  #replace(name: string, text: string): Promise<void> {
    const write = this.#lastWrite.then(() => this.#write(name, text));
    this.#lastWrite = write.catch(() => undefined);
    return write;
  }

  async #write(name: string, text: string): Promise<void> {
    if (this.#directory === undefined) {
      this.#inMemory.set(name, text);
      return;
    }
    const path = `${this.#directory}/${name}`;
    const inProgress = `${path}.inprogress`;
    const bytes = new Uint8Array(wtf8Length(text));
    encodeWtf8(text, bytes, 0);
    await this.#filesystem.write(inProgress, bytes);
    await this.#filesystem.sync(inProgress);
    await this.#filesystem.rename(inProgress, path);
    await this.#filesystem.sync(this.#directory);
  }
}
