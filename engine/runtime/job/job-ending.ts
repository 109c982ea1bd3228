// How the end of a job is made final: first the result becomes durable, then what nobody needs is
// deleted, then whoever waits is told. A suspended job leaves everything as it is.

import type { CheckpointCoordinator } from '../../checkpoint/checkpoint-coordinator.ts';
import type { CheckpointCoordinatorStorage } from '../../checkpoint/checkpoint-storage.ts';
import { unreachable } from '../../core/assert.ts';
import type { JobGraph } from '../../graph/job-graph.ts';
import type { Outcome } from '../actor/actor-system.ts';
import type { FailureCause } from '../messages.ts';
import type { EngineEvent, Observer } from '../observer.ts';
import { leavesNothing, removeCheckpoints } from './job-clean-up.ts';
import type { JobResult, JobStore } from './job-store.ts';

export interface JobEndingOptions {
  readonly graph: JobGraph;
  readonly storage: CheckpointCoordinatorStorage;
  readonly store: JobStore;
  readonly observer: Observer;
  readonly coordinator: CheckpointCoordinator | undefined;
  readonly io: <T>(operation: () => Promise<T>, done: (outcome: Outcome<T>) => void) => void;
  readonly schedule: (delayMs: number, run: () => void) => void;
  readonly onEnd: (result: JobResult, cause: FailureCause | undefined) => void;
}

type FinalState = Exclude<JobResult['state'], 'suspended'>;

const RETRY_MS = 500;

export class JobEnding {
  readonly #options: JobEndingOptions;
  /** Undefined before there is anything to end, and when all is done. */
  stage: string | undefined;

  constructor(options: JobEndingOptions) {
    this.#options = options;
  }

  /** Tried until it works: a job whose result is not stored would be run again. */
  end(state: FinalState, cause: FailureCause | undefined): void {
    const { store, io, observer, coordinator, schedule, onEnd } = this.#options;
    this.stage = 'its result is being stored';
    const result: JobResult = { state, cause: cause?.message };
    // First the result, then the clean-up: a crash in between must not run the job again.
    io(
      () => store.storeResult(result),
      (outcome) => {
        if (outcome.kind === 'failed') return schedule(RETRY_MS, () => this.end(state, cause));
        coordinator?.shutdown(state);
        observer.observe(endEvent(state, cause));
        this.#cleanUp(state, () => onEnd(result, cause));
      },
    );
  }

  /** Nothing is stored and nothing deleted: whoever starts the job next goes on from here. */
  suspend(): void {
    this.#options.coordinator?.shutdown('suspended');
    this.#options.onEnd({ state: 'suspended', cause: undefined }, undefined);
  }

  // What earlier leaders and attempts have left goes too, unless something here is to be kept. That
  // a clean-up fails must not keep the job from ending.
  #cleanUp(state: FinalState, then: () => void): void {
    const { graph, coordinator } = this.#options;
    this.stage = 'what it leaves is being removed';
    if (!leavesNothing(state, graph.checkpoints)) return then();
    // A checkpoint that is being stored would come to life again behind the clean-up.
    if (coordinator === undefined) removeCheckpoints(this.#options, then);
    else coordinator.whenStored(() => removeCheckpoints(this.#options, then));
  }
}

function endEvent(state: FinalState, cause: FailureCause | undefined): EngineEvent {
  switch (state) {
    case 'finished':
      return { kind: 'job-finished' };
    case 'canceled':
      return { kind: 'job-canceled' };
    case 'failed':
      return { kind: 'job-failed', cause: cause?.message ?? 'unknown', code: cause?.code };
    default:
      return unreachable(state);
  }
}
