// Watches what lies in a storage while a job runs. Where it is a directory, the volume itself is
// looked at; where a service keeps it, what was written and deleted through it is believed, because
// a look would go over the network and change the run.

import type { StorageEvent } from '../checkers/observations.ts';
import type { StorageWatcher } from './watched-storage.ts';

const NONE: readonly string[] = [];

export class ObservedArtefacts implements StorageWatcher {
  readonly events: StorageEvent[] = [];
  readonly #now: () => number;
  /** The service's word is all there is. */
  readonly #isRemote: boolean;
  /** Called before anything is noted that may depend on what lies there. */
  readonly #look: () => void;
  readonly #references = new Map<number, readonly string[]>();
  readonly #present = new Set<string>();
  readonly #exclusive = new Map<string, number>();
  #pointer = 0;
  #isOver = false;

  constructor(options: {
    readonly now: () => number;
    readonly isRemote: boolean;
    readonly look: () => void;
  }) {
    this.#now = options.now;
    this.#isRemote = options.isRemote;
    this.#look = options.look;
  }

  referencesOf(checkpoint: number): readonly string[] {
    return this.#references.get(checkpoint) ?? [];
  }

  written(path: string, checkpoint: number, scope: 'exclusive' | 'shared'): void {
    this.events.push({ kind: 'artefact-written', timeMs: this.#now(), path, checkpoint });
    if (!this.#isRemote) return this.#look();
    if (scope === 'exclusive') this.#exclusive.set(path, checkpoint);
    this.#changed([path], NONE);
  }

  publishing(checkpoint: number, references: readonly string[]): void {
    this.#look();
    this.#references.set(checkpoint, references);
    this.events.push({ kind: 'metadata', timeMs: this.#now(), checkpoint, references });
    if (!this.#isRemote) return;
    // From now on it may be there: whoever asked may not live to hear that it is.
    const path = metadataOf(checkpoint);
    this.#exclusive.set(path, checkpoint);
    this.#changed([path], NONE);
  }

  published(): void {
    this.#look();
  }

  discarding(paths: readonly string[]): void {
    this.#look();
    if (this.#isRemote) this.#changed(NONE, paths);
  }

  discardingCheckpoint(checkpoint: number): void {
    this.#look();
    if (this.#isRemote)
      this.#changed(
        NONE,
        this.#exclusiveOf((id) => id === checkpoint),
      );
  }

  sweeping(retained: readonly number[], shared: ReadonlySet<string>, begun: number): void {
    this.#look();
    if (!this.#isRemote) return;
    const orphans = this.#exclusiveOf((id) => id <= begun && !retained.includes(id));
    const unused = [...this.#present].filter(
      (path) => !this.#exclusive.has(path) && !shared.has(path) && this.#isUsedUpTo(begun, path),
    );
    this.#changed(NONE, [...orphans, ...unused]);
  }

  removingJob(): void {
    this.#look();
    if (this.#isRemote) this.#changed(NONE, [...this.#present]);
  }

  /** Of a directory: what is there, or not any more. */
  saw(appeared: readonly string[], removed: readonly string[]): void {
    if (!this.#isRemote) this.#changed(appeared, removed);
  }

  leaderRemembers(epoch: number, name: string, text: string): void {
    this.events.push({ kind: 'leader-file', timeMs: this.#now(), epoch, name, text });
  }

  jobOver(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.events.push({ kind: 'job-over', timeMs: this.#now() });
  }

  /**
   * What a leader that started now would start from. `unreadable`: those of the paths, of metadata
   * and of what it refers to, that it would not find.
   */
  pointsTo(checkpoint: number, unreadable: (paths: readonly string[]) => readonly string[]): void {
    if (this.#isOver || checkpoint === 0) return;
    const needed = [metadataOf(checkpoint), ...this.referencesOf(checkpoint)];
    const missing = this.#isRemote
      ? needed.filter((path) => !this.#present.has(path))
      : unreadable(needed);
    const isNews = checkpoint !== this.#pointer || missing.length > 0;
    this.#pointer = checkpoint;
    if (!isNews) return;
    this.events.push({ kind: 'pointer', timeMs: this.#now(), checkpoint, missing });
  }

  #changed(appeared: readonly string[], removed: readonly string[]): void {
    const fresh = appeared.filter((path) => !this.#present.has(path));
    const gone = removed.filter((path) => this.#present.has(path));
    if (fresh.length + gone.length === 0) return;
    for (const path of fresh) this.#present.add(path);
    for (const path of gone) this.#present.delete(path);
    this.events.push({
      kind: 'artefacts',
      timeMs: this.#now(),
      appeared: fresh,
      removed: gone,
    });
  }

  #exclusiveOf(isMeant: (checkpoint: number) => boolean): readonly string[] {
    return [...this.#exclusive].flatMap(([path, id]) => (isMeant(id) ? [path] : []));
  }

  /** A file of a snapshot that is under way is not in any metadata yet, and is spared. */
  #isUsedUpTo(newest: number, path: string): boolean {
    return [...this.#references].some(([id, paths]) => id <= newest && paths.includes(path));
  }
}

/** Where a service keeps it, its place is the service's affair; this name tells it apart. */
export function metadataOf(checkpoint: number): string {
  return `/chk-${checkpoint}/_metadata`;
}
