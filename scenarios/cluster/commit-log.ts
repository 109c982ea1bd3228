// Which committables were sealed for which checkpoint, when each was committed, and what else sinks
// do that a checker wants to know.

import type { SinkContext } from '../../engine/connector/sink.ts';
import type { ObservedCommit } from '../checkers/checker.ts';
import type { OutputEvent } from '../checkers/observations.ts';
import type { SinkWatcher } from './scenario-job.ts';

/** Where the rest of what happens is seen. */
export interface CommitLogWatch {
  /** The newest checkpoint that is complete when asked. */
  completedUpTo(): number;
  readonly watch: { look(): void; readonly output: OutputEvent[] };
}

export class CommitLog implements SinkWatcher {
  readonly commits: ObservedCommit[] = [];
  readonly #now: () => number;
  readonly #sealedFor = new Map<string, number>();
  readonly #alive = new Map<string, Extract<OutputEvent, { readonly kind: 'sink-alive' }>>();
  #watch: CommitLogWatch | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  watch(watch: CommitLogWatch): void {
    this.#watch = watch;
  }

  /** Attempts of the jobs before are over, and those of the next one have the same names. */
  beginJob(): void {
    for (const event of this.lastSeen) this.#note(event);
    this.#alive.clear();
  }

  /** When each attempt was last seen at work. */
  get lastSeen(): readonly OutputEvent[] {
    return [...this.#alive.values()];
  }

  sealed(committable: string, checkpoint: number, context: SinkContext): void {
    // Sealed again for a later checkpoint, it may be committed with the first one already.
    if (!this.#sealedFor.has(committable)) this.#sealedFor.set(committable, checkpoint);
    const { fencingToken: owner, subtaskIndex: subtask } = context;
    const timeMs = this.#now();
    this.#note({ kind: 'sealed', timeMs, owner, subtask, checkpoint, committable });
  }

  committed(committable: string): void {
    this.commits.push({
      timeMs: this.#now(),
      checkpoint: this.#sealedFor.get(committable) ?? 0,
      committable,
      completedUpTo: this.#watch?.completedUpTo() ?? 0,
    });
  }

  opens(kind: 'sink-opening' | 'sink-opened', context: SinkContext): void {
    const { fencingToken: owner, subtaskIndex: subtask, parallelism } = context;
    const restoredCheckpoint = context.restoredCheckpoint ?? 0;
    this.#watch?.watch.look();
    this.#note({ kind, timeMs: this.#now(), owner, subtask, parallelism, restoredCheckpoint });
  }

  lives({ fencingToken: owner, subtaskIndex: subtask }: SinkContext): void {
    const key = `${subtask} ${owner}`;
    this.#alive.set(key, { kind: 'sink-alive', timeMs: this.#now(), owner, subtask });
  }

  #note(event: OutputEvent): void {
    this.#watch?.watch.output.push(event);
  }
}
