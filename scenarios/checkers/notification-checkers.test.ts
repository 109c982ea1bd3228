// Tasks that are left in the dark, that do what they were told not to do, and checkpoints that
// outlive their tasks.

import { checkpointId, executionAttemptId } from '../../engine/core/ids.ts';
import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { History, TimedEvent } from './checker.ts';
import { type Case, checkerContract } from './checker.contract.ts';
import { endsAreTold, failoverEndsCheckpoints, snapshotsInOrder } from './notification-checkers.ts';
import { at, engine, history } from './testing/hand-made.ts';

const { triggered, completed, aborted, elected, restoring } = engine;

function run(...events: readonly TimedEvent[]): History {
  return history({ events: [at(1, elected(1)), ...events] });
}

const ONE = 'a#0@1';

function snapshot(id: number, attempt = ONE): EngineEvent {
  return engine.snapshot(id, attempt);
}

function told(
  id: number,
  outcome: 'completed' | 'aborted' = 'completed',
  attempt = ONE,
): EngineEvent {
  return {
    kind: 'checkpoint-notified',
    checkpoint: checkpointId(id),
    attempt: executionAttemptId(attempt),
    outcome,
  };
}

/** One is given up, the next completes. */
const TWO = [
  at(10, snapshot(1)),
  at(20, aborted(1)),
  at(30, snapshot(2)),
  at(40, completed(2)),
  at(50, told(2)),
];

const CASES: readonly Case[] = [
  [endsAreTold, 'no checkpoint', run(), 'not exercised'],
  [endsAreTold, 'a task that hears of both', run(...TWO, at(25, told(1, 'aborted'))), 'valid'],
  [endsAreTold, 'a task that never hears of one that was given up', run(...TWO), 'invalid'],
  [
    endsAreTold,
    'a task that never hears of one that is complete',
    run(
      at(10, snapshot(1)),
      at(20, completed(1)),
      at(30, snapshot(2)),
      at(40, aborted(2)),
      at(50, told(2, 'aborted')),
    ),
    'invalid',
  ],
  [
    endsAreTold,
    'a task that ends before it hears of any',
    run(at(10, snapshot(1)), at(20, aborted(1))),
    'not exercised',
  ],
  [
    endsAreTold,
    'a task that was not there for the first',
    run(at(10, snapshot(1, 'a#1@1')), ...TWO.slice(1)),
    'not exercised',
  ],
  [
    endsAreTold,
    'a savepoint, of which nobody is told',
    run(at(10, snapshot(1)), at(20, completed(1, true)), ...TWO.slice(2)),
    'not exercised',
  ],
  [
    endsAreTold,
    'what another leader has decided',
    run(
      at(10, snapshot(1)),
      at(15, elected(2), 'jm', 2),
      at(20, aborted(1), 'jm', 2),
      ...TWO.slice(2),
    ),
    'not exercised',
  ],
  [
    endsAreTold,
    'one that subsumes another, of which it is told in the same moment',
    run(
      at(10, snapshot(1)),
      at(20, snapshot(2)),
      at(40, completed(2)),
      at(40, aborted(1)),
      at(50, told(1, 'aborted')),
    ),
    'not exercised',
  ],
  [
    endsAreTold,
    'one that turns out to be complete when those that took part have died',
    run(
      at(10, snapshot(1)),
      at(20, aborted(1)),
      at(25, told(1, 'aborted')),
      at(30, snapshot(2)),
      at(40, aborted(2)),
      at(50, completed(1)),
    ),
    'not exercised',
  ],
  [snapshotsInOrder, 'no snapshot', run(), 'not exercised'],
  [snapshotsInOrder, 'ever newer ones', run(...TWO), 'valid'],
  [
    snapshotsInOrder,
    'one attempt after another',
    run(at(1, snapshot(4)), at(2, snapshot(3, 'a#1@1'))),
    'valid',
  ],
  [snapshotsInOrder, 'an older one later', run(at(1, snapshot(4)), at(2, snapshot(3))), 'invalid'],
  [snapshotsInOrder, 'the same twice', run(at(1, snapshot(4)), at(2, snapshot(4))), 'invalid'],
  [
    snapshotsInOrder,
    'one that it was told to be over',
    run(at(1, told(4, 'aborted')), at(2, snapshot(4))),
    'invalid',
  ],
  [
    snapshotsInOrder,
    'one that another was told to be over',
    run(at(1, told(4, 'aborted', 'b#0@1')), at(2, snapshot(4))),
    'valid',
  ],
  [failoverEndsCheckpoints, 'no failure', run(at(2, triggered(1))), 'not exercised'],
  [
    failoverEndsCheckpoints,
    'one that is given up with its tasks',
    run(at(2, triggered(1)), at(3, aborted(1)), at(4, restoring(undefined))),
    'valid',
  ],
  [
    failoverEndsCheckpoints,
    'one that was still being stored',
    run(at(2, triggered(1)), at(3, completed(1)), at(4, restoring(1))),
    'valid',
  ],
  [
    failoverEndsCheckpoints,
    'one that is left to expire',
    run(at(2, triggered(1)), at(4, restoring(undefined)), at(9, aborted(1))),
    'invalid',
  ],
  [
    failoverEndsCheckpoints,
    'one that died with its leader',
    run(at(2, triggered(1)), at(3, elected(2)), at(4, restoring(undefined))),
    'valid',
  ],
];

checkerContract(CASES);
