// The working directory of a TaskManager on its host's own disk. Nothing in it is needed once the
// process is gone, so nothing is synced, and what is found there is removed; what a failing disk
// keeps is removed later.

import { namesIn, removeTree } from '../checkpoint/durable-files.ts';
import { hashHex } from '../core/hash.ts';
import { sometimes } from '../core/sometimes.ts';
import type { Environment } from '../environment/environment.ts';
import type { FileSystem } from '../environment/filesystem.ts';

/** Where an attempt may work, and whom it tells what it could not remove. */
export interface AttemptDirectory {
  readonly prefix: string;
  readonly notRemoved: (directory: string) => void;
}

export class LocalDirectory {
  readonly #filesystem: FileSystem;
  readonly #directory: string;
  /** Begins every name of this life. */
  readonly #life: string;
  readonly #kept = new Set<string>();
  #isSwept = false;
  #attemptsCreated = 0;

  constructor(filesystem: FileSystem, directory: string, life: string) {
    this.#filesystem = filesystem;
    this.#directory = directory;
    this.#life = life;
  }

  /** Nothing of earlier lives is left, nor of attempts that are over. */
  get isClean(): boolean {
    return this.#isSwept && this.#kept.size === 0;
  }

  /** Never used before, not even by an earlier life of this host. */
  nextAttempt(): AttemptDirectory {
    this.#attemptsCreated++;
    return {
      prefix: `${this.#directory}/${this.#life}-${this.#attemptsCreated}`,
      notRemoved: (directory) => this.#kept.add(directory),
    };
  }

  /** As far as the disk lets it; never rejects. */
  async removeLeftovers(): Promise<void> {
    try {
      await this.#sweep();
      for (const directory of this.#kept) {
        await removeTree(this.#filesystem, directory);
        this.#kept.delete(directory);
        sometimes(true, 'what a disk had kept of an attempt is removed later');
      }
    } catch {
      // It is in nobody's way, and tried again.
    }
  }

  /** What an earlier life has left. */
  async #sweep(): Promise<void> {
    if (this.#isSwept) return;
    for (const name of await namesIn(this.#filesystem, this.#directory)) {
      if (name.startsWith(`${this.#life}-`)) continue;
      await removeTree(this.#filesystem, `${this.#directory}/${name}`);
    }
    this.#isSwept = true;
  }
}

/** With the directory itself. What cannot be removed stays: it is in nobody's way. */
export async function removeLocalDirectory(
  filesystem: FileSystem,
  directory: string,
): Promise<void> {
  try {
    await removeTree(filesystem, directory);
  } catch {
    // Nothing depends on it.
  }
}

/**
 * For one run of a job in the user's process. `leased`: what names the job where no other process
 * can be running it; its next run then finds, and removes, what a killed one has left.
 */
export function embeddedDirectory(
  base: string,
  leased: string | undefined,
  { random, clock }: Pick<Environment, 'random' | 'clock'>,
): string {
  if (leased !== undefined) return `${base}/job-${hashHex(leased)}`;
  const chance = random.fork('local-directory').below(2 ** 32);
  return `${base}/run-${clock.wallTime()}-${chance}`;
}
