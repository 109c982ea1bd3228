// Histories made by hand, for tests of checkers: a quiet run by default, changed where a test wants
// it otherwise.

import { checkpointId, executionAttemptId } from '../../../engine/core/ids.ts';
import type { EngineEvent } from '../../../engine/runtime/observer.ts';
import type { History, TimedEvent } from '../checker.ts';

export function history(changes: Partial<History> = {}): History {
  return {
    guarantee: 'exactly-once',
    mayRefuse: false,
    end: { kind: 'finished' },
    records: [],
    expected: [],
    settle: (outputs) => outputs,
    project: (output) => output,
    accountsFor: undefined,
    idOf: undefined,
    durableOutput: [],
    events: [],
    commits: [],
    checkpointFiles: [],
    localFiles: [],
    unfinishedFiles: [],
    damaged: [],
    ...changes,
  };
}

export function at(timeMs: number, event: EngineEvent, host = 'jm', boot = 1): TimedEvent {
  return { timeMs, event, host, boot };
}

/** The events that most cases are made of, by short names. */
export const engine = {
  triggered: (id: number): EngineEvent => {
    return { kind: 'checkpoint-triggered', checkpoint: checkpointId(id) };
  },
  completed: (id: number, savepoint = false): EngineEvent => ({
    kind: 'checkpoint-completed',
    checkpoint: checkpointId(id),
    durationMs: 1,
    savepoint,
    pointer: `/c/chk-${id}`,
    sizeBytes: 1,
  }),
  aborted: (id: number): EngineEvent => {
    return { kind: 'checkpoint-aborted', checkpoint: checkpointId(id), reason: 'x' };
  },
  elected: (leaderEpoch: number): EngineEvent => ({ kind: 'leader-elected', leaderEpoch }),
  restoring: (id: number | undefined, ...attempts: readonly string[]): EngineEvent => ({
    kind: 'job-restoring',
    checkpoint: id === undefined ? undefined : checkpointId(id),
    attempts: attempts.map(executionAttemptId),
  }),
  deployed: (attempt: string): EngineEvent => {
    return { kind: 'task-deployed', attempt: executionAttemptId(attempt) };
  },
  /** An attempt takes its snapshot for a checkpoint. */
  snapshot: (id: number, attempt: string): EngineEvent => ({
    kind: 'channels-at-barrier',
    checkpoint: checkpointId(id),
    attempt: executionAttemptId(attempt),
    mode: 'aligned',
    inputs: [],
    outputs: [],
  }),
  finished: { kind: 'job-finished' } satisfies EngineEvent,
} as const;
