// What one leader remembers, in a directory of its own that a later leader takes away by renaming
// it. So whatever an earlier leader still writes fails, at whichever moment it had been stopped:
// there is no look that could be out of date. Reads are served from memory, as nobody else writes.

import { OnceproofError } from '../../core/errors.ts';
import type { FileSystem } from '../../environment/filesystem.ts';
import { isFileSystemError } from '../../checkpoint/file-system-outcome.ts';
import { replaceDurably } from '../../checkpoint/replace-durably.ts';
import { encodeText } from './leader-text.ts';

export interface LeaderDirectoryOptions {
  readonly filesystem: FileSystem;
  readonly path: string;
  readonly epoch: number;
  /** Of the leaders before, by name. All of it has been written here too. */
  readonly values: ReadonlyMap<string, string>;
}

/** Renewed in place: whoever watches looks only whether it changes. */
export const LEASE_FILE = 'lease';
export const RELEASED = 'released';

export class LeaderDirectory {
  readonly epoch: number;
  readonly #filesystem: FileSystem;
  readonly #path: string;
  readonly #values: Map<string, string>;
  #renewals = 0;
  #onLost: () => void = () => {};

  constructor({ filesystem, path, epoch, values }: LeaderDirectoryOptions) {
    this.#filesystem = filesystem;
    this.#path = path;
    this.epoch = epoch;
    this.#values = new Map(values);
  }

  /** `listener` is called, maybe repeatedly, once a call here has found that another one leads. */
  onLost(listener: () => void): void {
    this.#onLost = listener;
  }

  read(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** In one step, durable on return. OP-E607 once another one leads; it may know this value yet. */
  async replace(name: string, text: string): Promise<void> {
    const path = `${this.#path}/${name}`;
    await this.#asLeader(() => replaceDurably(this.#filesystem, path, encodeText(text)));
    this.#values.set(name, text);
  }

  /** For those who watch: this one is alive. OP-E607 once another one leads. */
  async renew(): Promise<void> {
    this.#renewals++;
    await this.#writeLease(String(this.#renewals));
  }

  /** Whoever waits for its turn need not wait any longer. */
  async release(): Promise<void> {
    await this.#writeLease(RELEASED);
  }

  /** OP-E607 if another one leads already; it may do so at any moment after. */
  async check(): Promise<void> {
    await this.#asLeader(async () => {
      if ((await this.#filesystem.status(this.#path)) === undefined) throw this.#lost();
    });
  }

  async #writeLease(text: string): Promise<void> {
    const path = `${this.#path}/${LEASE_FILE}`;
    await this.#asLeader(() => this.#filesystem.write(path, encodeText(text)));
  }

  async #asLeader(operation: () => Promise<void>): Promise<void> {
    try {
      await operation();
    } catch (error) {
      const isTaken = isFileSystemError(error, 'ENOENT');
      const lost = isTaken ? this.#lost() : error;
      if (lost instanceof OnceproofError) this.#onLost();
      throw lost;
    }
  }

  #lost(): OnceproofError {
    return new OnceproofError('OP-E607', 'Another JobManager has taken over the job', {
      place: this.#path,
      remedy: 'None needed: the other one goes on from the latest checkpoint',
    });
  }
}
