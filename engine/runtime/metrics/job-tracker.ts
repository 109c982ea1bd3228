// Adds up what the runtime's events say: the progress of one job, at any moment. An observer like
// any other; it changes nothing and keeps little.

import type { Clock } from '../../environment/clock.ts';
import type { JobGraph, JobVertex } from '../../graph/job-graph.ts';
import { NO_TIMESTAMP } from '../../stream/elements.ts';
import type { EngineEvent } from '../observer.ts';
import type { CheckpointProgress, JobPhase, JobProgress, VertexProgress } from './job-progress.ts';

interface SubtaskCounts {
  attempt: string;
  /** Of the current attempt; `…Before` of the ones before it. */
  recordsIn: number;
  recordsOut: number;
  recordsInBefore: number;
  recordsOutBefore: number;
  watermark: number | undefined;
}

export class JobTracker {
  readonly #graph: JobGraph;
  readonly #clock: Clock;
  readonly #startedMs: number;
  /** By `vertex:subtask`. */
  readonly #subtasks = new Map<string, SubtaskCounts>();
  #phase: JobPhase = 'starting';
  #checkpointsCompleted = 0;
  #checkpointsAborted = 0;
  #lastCheckpoint: CheckpointProgress | undefined;
  #restarts = 0;
  #lastFailure: string | undefined;

  constructor(graph: JobGraph, clock: Clock) {
    this.#graph = graph;
    this.#clock = clock;
    this.#startedMs = clock.now();
  }

  observe(event: EngineEvent): void {
    switch (event.kind) {
      case 'records':
        this.#count(this.#subtaskOf(event.attempt), event);
        return;
      case 'watermark':
        this.#subtaskOf(event.attempt).watermark = event.timestamp;
        return;
      case 'checkpoint-completed':
        this.#checkpointsCompleted++;
        this.#lastCheckpoint = {
          id: event.checkpoint,
          durationMs: event.durationMs,
          sizeBytes: event.sizeBytes,
          pointer: event.pointer,
        };
        return;
      case 'checkpoint-aborted':
        // Without an id it was only turned away, before it began.
        if (event.checkpoint !== undefined) this.#checkpointsAborted++;
        return;
      default:
        return this.#phaseChanged(event);
    }
  }

  progress(): JobProgress {
    return {
      jobName: this.#graph.name,
      phase: this.#phase,
      elapsedMs: this.#clock.now() - this.#startedMs,
      vertices: this.#graph.vertices.map((vertex) => this.#vertex(vertex)),
      checkpointsCompleted: this.#checkpointsCompleted,
      checkpointsAborted: this.#checkpointsAborted,
      lastCheckpoint: this.#lastCheckpoint,
      restarts: this.#restarts,
      lastFailure: this.#lastFailure,
    };
  }

  #phaseChanged(event: EngineEvent): void {
    switch (event.kind) {
      case 'job-running':
        this.#phase = 'running';
        return;
      case 'job-failing':
        this.#lastFailure = event.cause;
        return;
      case 'job-restarting':
        this.#phase = 'restarting';
        this.#restarts++;
        return;
      case 'job-finished':
      case 'job-canceled':
        this.#phase = 'ended';
        return;
      case 'job-failed':
        this.#phase = 'ended';
        this.#lastFailure = event.cause;
        return;
      default:
        return;
    }
  }

  #count(counts: SubtaskCounts, event: { readonly count: number; readonly emitted: number }): void {
    counts.recordsIn = event.count;
    counts.recordsOut = event.emitted;
  }

  #subtaskOf(attempt: string): SubtaskCounts {
    const subtask = attempt.slice(0, attempt.indexOf('#'));
    const known = this.#subtasks.get(subtask) ?? {
      attempt,
      recordsIn: 0,
      recordsOut: 0,
      recordsInBefore: 0,
      recordsOutBefore: 0,
      watermark: undefined,
    };
    this.#subtasks.set(subtask, known);
    if (known.attempt !== attempt) {
      known.attempt = attempt;
      known.recordsInBefore += known.recordsIn;
      known.recordsOutBefore += known.recordsOut;
      known.recordsIn = 0;
      known.recordsOut = 0;
      known.watermark = undefined;
    }
    return known;
  }

  #vertex({ id, name, parallelism }: JobVertex): VertexProgress {
    let recordsIn = 0;
    let recordsOut = 0;
    let watermark: number | undefined = Number.POSITIVE_INFINITY;
    for (let subtask = 0; subtask < parallelism; subtask++) {
      const counts = this.#subtasks.get(`${id}:${subtask}`);
      recordsIn += (counts?.recordsIn ?? 0) + (counts?.recordsInBefore ?? 0);
      recordsOut += (counts?.recordsOut ?? 0) + (counts?.recordsOutBefore ?? 0);
      const own = counts?.watermark;
      const hasNone: boolean = own === undefined || own === NO_TIMESTAMP || watermark === undefined;
      watermark = hasNone ? undefined : Math.min(own ?? 0, watermark ?? 0);
    }
    return { id, name, parallelism, recordsIn, recordsOut, watermark };
  }
}
