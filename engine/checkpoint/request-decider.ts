// Which checkpoint request may run now: the queue of those that wait, and the order among them.
// Pure: told the time and what is going on, it answers what to do; it starts nothing itself.

import type { CheckpointProperties } from './metadata.ts';

export interface CheckpointRequest {
  readonly properties: CheckpointProperties;
  readonly isPeriodic: boolean;
  /** May exceed the number of concurrent checkpoints. */
  readonly isForced: boolean;
  readonly targetDirectory: string | undefined;
  readonly requestedAtMs: number;
  /** Breaks ties of time: in the order they were asked for. */
  readonly sequence: number;
}

export interface DeciderSituation {
  readonly nowMs: number;
  readonly isTriggering: boolean;
  readonly pendingCount: number;
  /** Checkpoints that are being deleted: triggering faster than deleting would fill the disk. */
  readonly discardingCount: number;
  /** Undefined while none completed. */
  readonly lastCompletionMs: number | undefined;
}

export type RequestDecision<R extends CheckpointRequest> =
  | { readonly kind: 'wait' }
  | { readonly kind: 'start'; readonly request: R }
  /** The pause since the last completion is not over; the scheduler has to ask later. */
  | { readonly kind: 'too-early'; readonly request: R; readonly retryInMs: number };

/** Flink's bound. Reached only if somebody asks for savepoints in a loop. */
export const MAX_QUEUED_REQUESTS = 1_000;

export class CheckpointRequestDecider<R extends CheckpointRequest> {
  readonly #maxConcurrent: number;
  readonly #minPauseMs: number;
  readonly #maxQueued: number;
  /** Ascending by `compareRequests`. */
  readonly #queue: R[] = [];

  constructor(options: {
    readonly maxConcurrentCheckpoints: number;
    readonly minPauseMs: number;
    readonly maxQueuedRequests?: number;
  }) {
    this.#maxConcurrent = options.maxConcurrentCheckpoints;
    this.#minPauseMs = options.minPauseMs;
    this.#maxQueued = options.maxQueuedRequests ?? MAX_QUEUED_REQUESTS;
  }

  get queuedCount(): number {
    return this.#queue.length;
  }

  /**
   * Takes up a request; returns the one that has to give way, if any. A second periodic request is
   * turned away while one waits: it would ask for the same, and a long outage would otherwise end
   * in hundreds of checkpoints back to back.
   */
  enqueue(request: R): R | undefined {
    if (request.isPeriodic && this.#queue.some(({ isPeriodic }) => isPeriodic)) return request;
    const position = this.#queue.findIndex((queued) => compareRequests(request, queued) < 0);
    this.#queue.splice(position === -1 ? this.#queue.length : position, 0, request);
    return this.#queue.length > this.#maxQueued ? this.#queue.pop() : undefined;
  }

  /** Takes the request that starts, or is turned away, out of the queue. */
  next(situation: DeciderSituation): RequestDecision<R> {
    const head = this.#queue[0];
    if (head === undefined || situation.isTriggering) return { kind: 'wait' };
    if (situation.discardingCount > this.#maxConcurrent) return { kind: 'wait' };
    if (situation.pendingCount >= this.#maxConcurrent && !head.isForced) return { kind: 'wait' };
    this.#queue.shift();
    const retryInMs = this.#pauseLeftMs(situation);
    if (head.isPeriodic && !head.isForced && retryInMs > 0) {
      return { kind: 'too-early', request: head, retryInMs };
    }
    return { kind: 'start', request: head };
  }

  /** Empties the queue. */
  takeAll(): R[] {
    return this.#queue.splice(0);
  }

  #pauseLeftMs({ nowMs, lastCompletionMs }: DeciderSituation): number {
    if (lastCompletionMs === undefined) return 0;
    return lastCompletionMs + this.#minPauseMs - nowMs;
  }
}

/** Savepoints first, then forced ones, then those of users, then older ones. */
function compareRequests(left: CheckpointRequest, right: CheckpointRequest): number {
  return (
    rank(left.properties.type === 'savepoint') - rank(right.properties.type === 'savepoint') ||
    rank(left.isForced) - rank(right.isForced) ||
    rank(!left.isPeriodic) - rank(!right.isPeriodic) ||
    left.requestedAtMs - right.requestedAtMs ||
    left.sequence - right.sequence
  );
}

function rank(isFirst: boolean): number {
  return isFirst ? 0 : 1;
}
