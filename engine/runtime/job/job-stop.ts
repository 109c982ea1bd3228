// How a job comes to its end without failing: all data was processed and a final checkpoint commits
// it, or somebody stops it with a savepoint, or suspends it. Decides which checkpoint is triggered
// for that, and what becomes of the job if there is none.

import type {
  CheckpointCoordinator,
  CheckpointTrigger,
} from '../../checkpoint/checkpoint-coordinator.ts';
import type { CheckpointOutcome } from '../../checkpoint/checkpoint-effects.ts';
import { followsFailover } from '../../checkpoint/checkpoint-failure-reason.ts';
import type { CompletedCheckpoint } from '../../checkpoint/completed-checkpoint.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { ExecutionGraph, ExecutionVertex } from './execution-graph.ts';
import { noCheckpointing } from './job-request-errors.ts';

export interface StopRequest {
  /** Directory that gets the savepoint's own one. */
  readonly target: string;
  /** 'drain' emits MAX_WATERMARK first. */
  readonly stop: 'suspend' | 'drain';
}

export interface JobStopOptions {
  readonly graph: ExecutionGraph;
  readonly coordinator: Pick<CheckpointCoordinator, 'triggerCheckpoint'> | undefined;
  readonly cancelJob: () => void;
  readonly schedule: (delayMs: number, run: () => void) => void;
}

/** A final checkpoint that failed is not left to the interval, which may be an hour. */
const FINAL_RETRY_MS = 500;

export class JobStop {
  readonly #options: JobStopOptions;
  /** A stop-with-savepoint is under way: no other checkpoint may follow it. */
  #isStopping = false;
  /** The job is to end in a way that lets it be resumed. */
  #isSuspending = false;
  /** It can be resumed from the savepoint already. */
  #isSaved = false;
  #isFinalTriggered = false;

  constructor(options: JobStopOptions) {
    this.#options = options;
  }

  get isSuspending(): boolean {
    return this.#isSuspending;
  }

  /** A savepoint that ends the job is under way, or complete. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /**
   * Ends the job so that it can be resumed. With a target for a savepoint everything up to now is
   * committed first; without one, what came after the latest checkpoint is processed again.
   */
  suspend(
    savepointTarget: string | undefined,
    onSaved: (checkpoint: CompletedCheckpoint) => void = () => {},
  ): void {
    this.#isSuspending = true;
    const { coordinator, cancelJob } = this.#options;
    if (savepointTarget === undefined || coordinator === undefined) return cancelJob();
    // The savepoint under way serves this as well.
    if (this.#isStopping) return;
    const trigger = { kind: 'savepoint', target: savepointTarget, stop: 'suspend' } as const;
    this.triggerCheckpoint(trigger, (outcome) => {
      if (outcome.kind === 'failed') return;
      onSaved(outcome.checkpoint);
      this.#saved();
    });
  }

  /**
   * Ends the job once the savepoint is complete: so that it can be resumed, or drained and so
   * finished. If the savepoint fails, the job goes on.
   */
  stopWithSavepoint(
    { target, stop }: StopRequest,
    onOutcome: (outcome: CheckpointOutcome) => void,
  ): void {
    this.triggerCheckpoint({ kind: 'savepoint', target, stop }, (outcome) => {
      const isSaved = outcome.kind === 'completed' && stop === 'suspend';
      this.#isSuspending ||= isSaved;
      // Whoever asked hears of the savepoint before the job is over.
      onOutcome(outcome);
      if (isSaved) this.#saved();
    });
  }

  // Where the job has failed meanwhile, its new tasks would know nothing of a stop and run on.
  #saved(): void {
    this.#isSaved = true;
    const hasFailed = !this.#isStopping;
    sometimes(hasFailed, 'a job fails while the savepoint that suspends it is stored');
    if (hasFailed) this.#options.cancelJob();
  }

  triggerCheckpoint(
    trigger: CheckpointTrigger,
    onOutcome: (outcome: CheckpointOutcome) => void,
  ): void {
    const { coordinator } = this.#options;
    if (coordinator === undefined) throw noCheckpointing();
    const stops = trigger.kind === 'savepoint' && trigger.stop !== 'no';
    this.#isStopping ||= stops;
    coordinator.triggerCheckpoint(trigger, (outcome) => {
      // If the sources had stopped for it, the coordinator fails the job: that wakes them.
      const hasFailed = outcome.kind === 'failed';
      if (stops && hasFailed) this.#isStopping = false;
      onOutcome(outcome);
      if (stops && hasFailed && this.#isSuspending) this.#options.cancelJob();
      if (hasFailed) this.#finishIfDue();
    });
  }

  /** Everything runs, maybe again. */
  running(): void {
    this.#finishIfDue();
  }

  endOfData(subtask: ExecutionVertex): void {
    if (subtask.current !== undefined) subtask.current.endOfData = true;
    this.#finishIfDue();
  }

  failing(): void {
    this.#isStopping = false;
  }

  /** After a savepoint to resume from, there is nothing to restart for. */
  restarting(): void {
    sometimes(this.#isSaved, 'a task fails after the savepoint that suspends its job');
    if (this.#isSaved) this.#options.cancelJob();
  }

  // The final checkpoint need not wait for its time: nothing more will come.
  #finishIfDue(): void {
    const { graph, coordinator, schedule } = this.#options;
    if (coordinator === undefined || this.#isFinalTriggered || this.#isStopping) return;
    if (graph.everyState('finished') || !graph.vertices.every(hasEndedItsData)) return;
    this.#isFinalTriggered = true;
    coordinator.triggerCheckpoint({ kind: 'manual' }, (outcome) => {
      this.#isFinalTriggered = false;
      if (outcome.kind === 'completed' || followsFailover(outcome.reason)) return;
      sometimes(true, 'a final checkpoint fails');
      schedule(FINAL_RETRY_MS, () => this.#finishIfDue());
    });
  }
}

function hasEndedItsData({ state, current }: ExecutionVertex): boolean {
  return state === 'finished' || (state === 'running' && current?.endOfData === true);
}
