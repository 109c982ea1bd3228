// Jobs that do nothing any more, and tasks that nobody has told of their end.

import { executionAttemptId, jobVertexId } from '../../engine/core/ids.ts';
import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { History, TimedEvent } from './checker.ts';
import type { ObservedHost } from './observations.ts';
import { checkpointsGoOn, tasksEnd } from './progress-checkers.ts';
import { type Case, checkerContract } from './checker.contract.ts';
import { at, engine, history } from './testing/hand-made.ts';

const { completed, deployed, finished } = engine;

function run(events: readonly TimedEvent[], changes: Partial<History> = {}): History {
  return history({ events, healedAtMs: 1_000, hosts: HOSTS, ...changes });
}

const HOSTS: readonly ObservedHost[] = [{ host: 'tm', boot: 1, state: 'up' }];

function ended(attempt: string, state = 'finished'): EngineEvent {
  return {
    kind: 'task-state',
    attempt: executionAttemptId(attempt),
    vertex: jobVertexId('v'),
    subtask: 0,
    state,
    cause: undefined,
  };
}

const tm = (timeMs: number, event: EngineEvent, boot = 1) => at(timeMs, event, 'tm', boot);
const [A, B] = ['v:0#0@1', 'v:0#1@1'];
const stuck: Partial<History> = { end: { kind: 'stuck', explanation: 'x' } };

const CASES: readonly Case[] = [
  [checkpointsGoOn, 'a run that tells nothing of faults', history(), 'not exercised'],
  [
    checkpointsGoOn,
    'a checkpoint now and then, and an end',
    run([at(9_000, completed(1)), at(20_000, completed(2)), at(22_000, finished)]),
    'valid',
  ],
  [checkpointsGoOn, 'a short job without a checkpoint', run([at(9_000, finished)]), 'valid'],
  [
    checkpointsGoOn,
    'silence while faults last',
    run([at(30_000, completed(1)), at(31_000, finished)], { healedAtMs: 25_000 }),
    'valid',
  ],
  [
    checkpointsGoOn,
    'no checkpoint after the faults for a long time',
    run([at(900, completed(1)), at(70_000, completed(2)), at(71_000, finished)]),
    'invalid',
  ],
  [
    checkpointsGoOn,
    'checkpoints that stop to complete',
    run([at(2_000, completed(1)), at(60_000, finished)]),
    'invalid',
  ],
  [
    checkpointsGoOn,
    'a job that fails all the time',
    run([at(2_000, completed(1)), at(60_000, engine.aborted(2))], stuck),
    'invalid',
  ],
  [
    checkpointsGoOn,
    'silence that is right where checkpoints take longer',
    run([at(90_000, completed(2)), at(91_000, finished)], { checkpointTimeFactor: 4 }),
    'valid',
  ],
  [tasksEnd, 'a run that does not know its hosts', history(), 'not exercised'],
  [tasksEnd, 'a task that ends', run([tm(1, deployed(A)), tm(9, ended(A))]), 'valid'],
  [tasksEnd, 'a task that never ends', run([tm(1, deployed(A)), tm(2, ended(B))]), 'invalid'],
  [
    tasksEnd,
    'a task that only says that it runs',
    run([tm(1, deployed(A)), tm(9, ended(A, 'running'))]),
    'invalid',
  ],
  [
    tasksEnd,
    'a task that died with its process',
    run([tm(1, deployed(A)), tm(5, deployed(B), 2), tm(9, ended(B), 2)], {
      hosts: [{ host: 'tm', boot: 2, state: 'up' }],
    }),
    'valid',
  ],
  [
    tasksEnd,
    'a task that died with its host',
    run([tm(1, deployed(A)), at(2, ended(B), 'tm-2')], {
      hosts: [{ host: 'tm', boot: 1, state: 'down' }],
    }),
    'valid',
  ],
  [
    tasksEnd,
    'an attempt that outlives its replacement for long',
    run([tm(1, deployed(A)), at(2_000, deployed(B), 'tm-2'), tm(30_000, ended(A))], {
      hosts: [],
    }),
    'invalid',
  ],
  [
    tasksEnd,
    'an attempt that outlives its replacement while faults last',
    run([tm(1, deployed(A)), at(2_000, deployed(B), 'tm-2'), tm(30_000, ended(A))], {
      hosts: [],
      healedAtMs: 25_000,
    }),
    'valid',
  ],
];

checkerContract(CASES);
