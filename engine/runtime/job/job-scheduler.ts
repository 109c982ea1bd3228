// Brings a job's subtasks to life and back to life: places them in slots, deploys them from the
// latest checkpoint, and after a failure cancels what is connected, waits, and deploys again.
// Decides what to do; the JobManager provides the messages and the waiting.

import { present } from '../../core/assert.ts';
import { buggify } from '../../core/buggify.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { Timer } from '../../environment/clock.ts';
import type { Address } from '../../environment/network.ts';
import type { FailureCause, TaskStateChanged } from '../messages.ts';
import type { RestartStrategy } from '../restart/restart-strategy.ts';
import { isUnrecoverable } from '../restart/unrecoverable.ts';
import {
  type Execution,
  type ExecutionGraph,
  type ExecutionVertex,
  isEnded,
} from './execution-graph.ts';
import type { SchedulerStatus } from '../status.ts';
import type { SlotPool } from './slot-pool.ts';

export interface SchedulerEffects {
  /** Sends each subtask its new attempt, restored from the latest checkpoint. */
  deploy(subtasks: readonly ExecutionVertex[]): void;
  cancel(execution: Execution): void;
  /** Which subtasks a failure takes along. */
  regionOf(failed: ExecutionVertex): readonly ExecutionVertex[];
  /** Before anything is canceled: pending checkpoints are over. */
  failing(cause: FailureCause): void;
  restarting(delayMs: number): void;
  /** Everything runs. */
  running(): void;
  /** All tasks have ended, and will not be started again. */
  ended(state: 'finished' | 'failed' | 'canceled', cause: FailureCause | undefined): void;
  schedule(delayMs: number, run: () => void): Timer;
  now(): number;
}

type Goal = 'run' | 'fail' | 'cancel';

export interface SchedulerOptions {
  readonly graph: ExecutionGraph;
  readonly slots: SlotPool;
  readonly restartStrategy: RestartStrategy;
  readonly effects: SchedulerEffects;
  readonly leaderEpoch: number;
  readonly slotRequestTimeoutMs: number;
}

export class JobScheduler {
  readonly #options: SchedulerOptions;
  /** To be started, as soon as they have ended, the backoff is over and there are slots. */
  readonly #toStart = new Set<ExecutionVertex>();
  #goal: Goal = 'run';
  #cause: FailureCause | undefined;
  #notBeforeMs = 0;
  #backoff: Timer | undefined;
  #slotsMissingSinceMs: number | undefined;
  #hasEnded = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  status(): SchedulerStatus {
    const { graph, slots, effects } = this.#options;
    const nowMs = effects.now();
    const missingSinceMs = this.#slotsMissingSinceMs;
    return {
      goal: this.#goal,
      toStart: this.#toStart.size,
      waitMs: Math.max(0, this.#notBeforeMs - nowMs),
      slotsNeeded: graph.slotsNeeded,
      slotsOffered: slots.slotsTotal,
      slotsMissingForMs: missingSinceMs === undefined ? undefined : nowMs - missingSinceMs,
    };
  }

  start(): void {
    for (const subtask of this.#options.graph.vertices) this.#toStart.add(subtask);
    this.#proceed();
  }

  /** New slots, or time has passed. */
  slotsChanged(): void {
    this.#proceed();
  }

  taskStateChanged(change: TaskStateChanged): void {
    const subtask = this.#options.graph.byAttempt(change.attempt);
    const execution = subtask?.current;
    if (subtask === undefined || execution === undefined || isEnded(execution.state)) return;
    const canceled = execution.state === 'canceling';
    // A running task may be asked to cancel and report what it was before: that comes too late.
    if (canceled && (change.state === 'initializing' || change.state === 'running')) return;
    execution.state = change.state;
    if (change.state === 'running' && this.#options.graph.everyState('running', 'finished')) {
      if (this.#toStart.size === 0) this.#options.effects.running();
    }
    const unexpected = change.state === 'failed' || (change.state === 'canceled' && !canceled);
    if (unexpected && !canceled) {
      this.#taskFailed(
        subtask,
        change.cause ?? { message: 'Canceled by its host', code: undefined },
      );
    }
    if (isEnded(execution.state)) this.#proceed();
  }

  /** Nothing on that host runs any more, or nobody can reach it. */
  hostLost(host: Address, reason: string): void {
    const lost = this.#options.graph.vertices.filter(
      ({ current }) => current?.host === host && !isEnded(current.state),
    );
    for (const { current } of lost) if (current !== undefined) current.state = endedBy(current);
    const failed = lost.filter(({ state }) => state === 'failed');
    const cause = { message: `Lost task manager ${host}: ${reason}`, code: 'OP-E602' };
    // One failure, however many tasks ran there.
    const regions = new Set(failed.flatMap((subtask) => this.#options.effects.regionOf(subtask)));
    if (regions.size > 0) this.#fail([...regions], cause);
    this.#proceed();
  }

  /** Everything is restarted: what failed belongs to no single task. */
  failAll(cause: FailureCause): void {
    this.#fail(this.#options.graph.vertices, cause);
    this.#proceed();
  }

  /** The job ends; running tasks are canceled first. */
  end(goal: 'fail' | 'cancel', cause: FailureCause | undefined): void {
    if (this.#goal !== 'run' || this.#hasEnded) return;
    this.#goal = goal;
    this.#cause = cause;
    this.#backoff?.cancel();
    this.#toStart.clear();
    for (const subtask of this.#options.graph.vertices) this.#cancel(subtask);
    this.#proceed();
  }

  #taskFailed(failed: ExecutionVertex, cause: FailureCause): void {
    const { graph, effects } = this.#options;
    const isWhole = buggify('a failed task takes the whole job along');
    this.#fail(isWhole ? graph.vertices : effects.regionOf(failed), cause);
  }

  #fail(subtasks: readonly ExecutionVertex[], cause: FailureCause): void {
    if (this.#goal !== 'run' || this.#hasEnded) return;
    const { restartStrategy, effects } = this.#options;
    effects.failing(cause);
    restartStrategy.notifyFailure();
    if (isUnrecoverable(cause) || !restartStrategy.canRestart()) return this.end('fail', cause);
    sometimes(this.#toStart.size > 0, 'a task fails while a restart is under way');
    for (const subtask of subtasks) {
      this.#toStart.add(subtask);
      this.#cancel(subtask);
    }
    const delayMs = restartStrategy.backoffMs();
    this.#notBeforeMs = Math.max(this.#notBeforeMs, effects.now() + delayMs);
    effects.restarting(delayMs);
  }

  #cancel(subtask: ExecutionVertex): void {
    const execution = subtask.current;
    if (execution === undefined || isEnded(execution.state)) return;
    if (execution.state === 'canceling') return;
    execution.state = 'canceling';
    this.#options.effects.cancel(execution);
  }

  #proceed(): void {
    if (this.#hasEnded) return;
    const { graph, effects } = this.#options;
    if (this.#goal !== 'run') {
      if (graph.vertices.every(({ state }) => isEnded(state))) {
        this.#end(this.#goal === 'fail' ? 'failed' : 'canceled');
      }
      return;
    }
    if (this.#toStart.size === 0) {
      if (graph.everyState('finished')) this.#end('finished');
      return;
    }
    if ([...this.#toStart].some(({ state }) => !isEnded(state))) return;
    const waitMs = this.#notBeforeMs - effects.now();
    if (waitMs > 0) return this.#waitFor(waitMs);
    this.#deploy();
  }

  #deploy(): void {
    const { graph, slots, effects, leaderEpoch } = this.#options;
    if (!slots.assign(graph.slotsNeeded)) return this.#awaitSlots();
    this.#slotsMissingSinceMs = undefined;
    const starting = graph.vertices.filter((subtask) => this.#toStart.has(subtask));
    this.#toStart.clear();
    for (const subtask of starting) {
      const host = present(slots.hostOf(subtask.subtask), `No slot for subtask ${subtask.subtask}`);
      subtask.startAttempt(host, leaderEpoch);
    }
    effects.deploy(starting);
  }

  #awaitSlots(): void {
    const { effects, graph, slots, slotRequestTimeoutMs } = this.#options;
    this.#slotsMissingSinceMs ??= effects.now();
    const waitedMs = effects.now() - this.#slotsMissingSinceMs;
    if (waitedMs < slotRequestTimeoutMs) return this.#waitFor(slotRequestTimeoutMs - waitedMs);
    const { slotsNeeded } = graph;
    const missing = `it needs ${slotsNeeded} slots, there are ${slots.slotsTotal}`;
    const message = `Cannot place the job: ${missing}`;
    this.end('fail', { message, code: 'OP-E603' });
  }

  #waitFor(delayMs: number): void {
    this.#backoff?.cancel();
    this.#backoff = this.#options.effects.schedule(delayMs, () => this.#proceed());
  }

  #end(state: 'finished' | 'failed' | 'canceled'): void {
    this.#hasEnded = true;
    this.#backoff?.cancel();
    this.#options.effects.ended(state, this.#cause);
  }
}

function endedBy(execution: Execution): 'canceled' | 'failed' {
  return execution.state === 'canceling' ? 'canceled' : 'failed';
}
