// Keeps what is needed and gives up the rest: the completed checkpoints, the shared files they use,
// and the order in which things may be deleted. Nothing is discarded here before the checkpoint
// that replaces it is durable.

import type { CheckpointId } from '../core/ids.ts';
import type { CheckpointConfig } from '../graph/checkpoint-config.ts';
import type { StateHandle } from '../state/state-handle.ts';
import type { CheckpointEffects } from './checkpoint-effects.ts';
import { isDiscardedWhenJobIs, type JobOutcome } from './retention-rules.ts';
import {
  type CompletedCheckpoint,
  exclusiveHandlesOf,
  sharedHandlesOf,
} from './completed-checkpoint.ts';
import { CompletedCheckpointStore } from './completed-checkpoint-store.ts';
import { handlesOf } from './metadata.ts';
import { SharedStateRegistry } from './shared-state-registry.ts';

type RetentionEffects = Pick<CheckpointEffects, 'discardHandles' | 'discardCheckpoint'>;

export class CheckpointRetention {
  readonly registry = new SharedStateRegistry();
  readonly #config: CheckpointConfig;
  readonly #effects: RetentionEffects;
  readonly #store: CompletedCheckpointStore;
  readonly #discarding = new Set<CheckpointId>();
  /** Subsumed, but files in their directories still serve a newer checkpoint. */
  #lingering: CompletedCheckpoint[] = [];
  /** Restored, but still somebody else's. */
  readonly #unclaimed = new Set<CheckpointId>();
  #jobOutcome: JobOutcome | undefined;

  constructor(config: CheckpointConfig, effects: RetentionEffects) {
    this.#config = config;
    this.#effects = effects;
    this.#store = new CompletedCheckpointStore(config.retainedCheckpoints);
  }

  get latest(): CompletedCheckpoint | undefined {
    return this.#store.latest;
  }

  /** Oldest first. */
  retained(): readonly CompletedCheckpoint[] {
    return this.#store.all();
  }

  /** Checkpoints being deleted right now. */
  get discardingCount(): number {
    return this.#discarding.size;
  }

  /** `neededFrom`: checkpoints under way may refer to shared files of this one, and later ones. */
  retain(checkpoint: CompletedCheckpoint, neededFrom?: CheckpointId): void {
    if (this.#jobOutcome !== undefined) return this.#afterTheEnd(checkpoint, this.#jobOutcome);
    const subsumed = this.#store.add(checkpoint);
    // Of a savepoint goes our copy of its metadata; its directory is its user's.
    this.#discardUnused(
      subsumed.filter(({ id }) => !this.#unclaimed.has(id)),
      neededFrom,
    );
  }

  /** `claimed`: its files become ours, to be deleted once it is subsumed. */
  restore(checkpoint: CompletedCheckpoint, claimed: boolean): void {
    this.registry.registerRestored({
      handles: sharedHandlesOf(handlesOf(checkpoint.metadata)),
      checkpoint: checkpoint.id,
      claimed,
      keepsCreator: checkpoint.properties.type === 'savepoint',
    });
    if (!claimed) this.#unclaimed.add(checkpoint.id);
    this.retain(checkpoint);
  }

  /** For what is published but has been overtaken: it never enters the store. */
  discard(checkpoint: CompletedCheckpoint): void {
    this.#discarding.add(checkpoint.id);
    this.#effects.discardCheckpoint(checkpoint);
  }

  /** What an abort or a late answer leaves behind. Shared files wait for a later checkpoint. */
  discardExclusive(handles: readonly StateHandle[]): void {
    const exclusive = exclusiveHandlesOf(handles);
    if (exclusive.length > 0) this.#effects.discardHandles(exclusive);
  }

  checkpointDiscarded(id: CheckpointId): void {
    this.#discarding.delete(id);
  }

  /** The job is over. Suspended: somebody else goes on from these checkpoints, so all stay. */
  shutdown(outcome: JobOutcome): void {
    this.#jobOutcome = outcome;
    if (outcome === 'suspended') return;
    const all = this.#store.takeAll();
    for (const checkpoint of all) this.#afterTheEnd(checkpoint, outcome);
    // Those that stay for a user need their shared files.
    if (!all.every((checkpoint) => this.#goesWhen(outcome, checkpoint))) return;
    this.#discardShared(this.registry.unregisterAll());
  }

  #afterTheEnd(checkpoint: CompletedCheckpoint, outcome: JobOutcome): void {
    if (this.#goesWhen(outcome, checkpoint)) this.discard(checkpoint);
  }

  #goesWhen(outcome: JobOutcome, checkpoint: CompletedCheckpoint): boolean {
    const { id, properties } = checkpoint;
    return !this.#unclaimed.has(id) && isDiscardedWhenJobIs(outcome, properties, this.#config);
  }

  #discardShared(handles: readonly StateHandle[]): void {
    if (handles.length > 0) this.#effects.discardHandles(handles);
  }

  #discardUnused(
    subsumed: readonly CompletedCheckpoint[],
    neededFrom: CheckpointId | undefined,
  ): void {
    const lowest = this.#store.lowestRetained;
    if (lowest === undefined) return;
    const { discard, keepCheckpoints } = this.registry.unregisterUnused(lowest, neededFrom);
    this.#discardShared(discard);
    const candidates = [...this.#lingering, ...subsumed];
    this.#lingering = candidates.filter(({ id }) => keepCheckpoints.has(id));
    for (const candidate of candidates) {
      if (!keepCheckpoints.has(candidate.id)) this.discard(candidate);
    }
  }
}
