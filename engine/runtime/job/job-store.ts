// What the JobManager must remember across its own crashes, beside checkpoints: the leader epoch,
// so that messages of earlier leaders can be told apart, and the result, so that a finished job is
// never run again. Small files, each replaced in one step that a crash leaves undone or done. Keeps
// two processes from using one directory only where they contend for it: see LeaderDirectory.

import { makeDurableDirectory } from '../../checkpoint/durable-files.ts';
import { replaceDurably } from '../../checkpoint/replace-durably.ts';
import { OnceproofError } from '../../core/errors.ts';
import type { CheckpointId } from '../../core/ids.ts';
import type { FileSystem } from '../../environment/filesystem.ts';
import type { LeaderDirectory } from '../leadership/leader-directory.ts';
import { CONTENDED, LEADER_EPOCH_FILE } from '../leadership/leader-names.ts';
import { countIn, damagedFile, decodeText, encodeText } from '../leadership/leader-text.ts';

export interface JobResult {
  /** 'suspended': stopped so that it can be resumed. Never stored. */
  readonly state: 'finished' | 'failed' | 'canceled' | 'suspended';
  readonly cause: string | undefined;
}

interface IdRange {
  readonly from: number;
  readonly to: number;
}

const DISOWNED = 'disowned-checkpoints';
/** One for each leader that found ids without a checkpoint; nobody keeps checkpoints that old. */
const DISOWNED_MAX = 100;

export class JobStore {
  readonly #filesystem: FileSystem;
  readonly #directory: string | undefined;
  /** Used where there is no directory: then nothing survives this process. */
  readonly #inMemory = new Map<string, string>();
  /** One write at a time: two of the same name would share their unfinished file. */
  #lastWrite: Promise<void> = Promise.resolve();
  #reservingId = 0;
  #reservedId = 0;
  #completedId = 0;
  #isOver = false;
  readonly #leader: LeaderDirectory | undefined;

  /** `leader`: of a job that several JobManagers contend for; then all is kept there. */
  constructor(filesystem: FileSystem, directory: string | undefined, leader?: LeaderDirectory) {
    this.#filesystem = filesystem;
    this.#directory = directory;
    this.#leader = leader;
  }

  /** Makes this process the leader: an epoch greater than every earlier one, durable on return. */
  async nextLeaderEpoch(): Promise<number> {
    if (this.#leader !== undefined) return this.#leader.epoch;
    if (this.#directory !== undefined) {
      await makeDurableDirectory(this.#filesystem, this.#directory);
    }
    const epoch = (await this.#readCount('leader-epoch')) + 1;
    await this.#replace('leader-epoch', String(epoch));
    return epoch;
  }

  /** Another leader may come while this one works. */
  get isContended(): boolean {
    return this.#leader !== undefined;
  }

  /** For what cannot be undone: rejects with OP-E607 instead if another one leads already. */
  whileLeading<T>(operation: () => Promise<T>): Promise<T> {
    return this.#leader === undefined ? operation() : this.#leader.check().then(operation);
  }

  /** No id up to this one may be given to another checkpoint. */
  async checkpointIdFloor(): Promise<number> {
    return this.#readCount('checkpoint-id');
  }

  /** Durable before the checkpoint begins, so that no later leader uses the id again. */
  async reserveCheckpointId(checkpoint: CheckpointId): Promise<void> {
    this.#reservingId = Math.max(this.#reservingId, checkpoint);
    const reserving = this.#reservingId;
    // Whichever of several is written last, none that was promised is forgotten.
    await this.#replace('checkpoint-id', String(reserving));
    this.#reservedId = Math.max(this.#reservedId, reserving);
  }

  /** The highest id that is reserved; 0 if this leader has reserved none. */
  get reservedCheckpointId(): number {
    return this.#reservedId;
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

  /**
   * Where leaders contend, what was recorded decides, and not what lies in the storage: a leader
   * that has been replaced may have published a checkpoint since, which nothing was committed of.
   */
  async isRecorded(): Promise<(checkpoint: CheckpointId) => boolean> {
    const completed = await this.completedCheckpoint();
    const disowned = await this.#disowned();
    return (checkpoint) =>
      checkpoint <= completed &&
      !disowned.some(({ from, to }) => from <= checkpoint && checkpoint <= to);
  }

  /** None of these ids, which earlier leaders have given, ever becomes a checkpoint. */
  async disown(from: number, to: number): Promise<void> {
    if (from > to) return;
    const ranges = [...(await this.#disowned()), { from, to }];
    await this.#replace(DISOWNED, JSON.stringify(ranges.slice(-DISOWNED_MAX)));
  }

  async #disowned(): Promise<readonly IdRange[]> {
    return (await this.#parsed<readonly IdRange[]>(DISOWNED)) ?? [];
  }

  async result(): Promise<JobResult | undefined> {
    return (await this.#parsed<JobResult | null>('job-result')) ?? undefined;
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
    if (this.#leader !== undefined) return this.#leader.read(name);
    if (this.#directory === undefined) return this.#inMemory.get(name);
    const path = `${this.#directory}/${name}`;
    if ((await this.#filesystem.status(path)) === undefined) return undefined;
    return decodeText(await this.#filesystem.read(path), path);
  }

  async #readCount(name: string): Promise<number> {
    const text = await this.#read(name);
    if (text === undefined) return 0;
    if (name === LEADER_EPOCH_FILE && text === CONTENDED) throw this.#contended();
    return countIn(text, this.#placeOf(name));
  }

  async #parsed<T>(name: string): Promise<T | undefined> {
    const text = await this.#read(name);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as T;
    } catch {
      throw damagedFile(this.#placeOf(name));
    }
  }

  #placeOf(name: string): string {
    return `${this.#directory ?? ''}/${name}`;
  }

  #contended(): OnceproofError {
    return new OnceproofError('OP-E531', 'Cannot lead the job alone: several JobManagers may', {
      place: this.#directory ?? '',
      remedy: 'Start it with high availability, as before, or go on from a savepoint elsewhere',
    });
  }

  #replace(name: string, text: string): Promise<void> {
    const write = this.#lastWrite.then(() => this.#write(name, text));
    this.#lastWrite = write.catch(() => undefined);
    return write;
  }

  async #write(name: string, text: string): Promise<void> {
    if (this.#leader !== undefined) return this.#leader.replace(name, text);
    if (this.#directory === undefined) {
      this.#inMemory.set(name, text);
      return;
    }
    return replaceDurably(this.#filesystem, this.#placeOf(name), encodeText(text));
  }
}
