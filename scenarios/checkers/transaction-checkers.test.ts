// Transactions that are forgotten after they were sealed, and ones that stay open after their
// writers have gone.

import type { History } from './checker.ts';
import type { OutputEvent } from './observations.ts';
import { type Case, checkerContract } from './checker.contract.ts';
import { at, engine, history } from './testing/hand-made.ts';
import { noOutputStaysOpen, sealedOutputIsCommitted } from './transaction-checkers.ts';

const { completed } = engine;

function sealed(checkpoint: number, committable: string): OutputEvent {
  return { kind: 'sealed', timeMs: 5, owner: 'e1a0', subtask: 0, checkpoint, committable };
}

function run(output: readonly OutputEvent[], changes: Partial<History> = {}): History {
  return history({ output, ...changes });
}

function commits(...names: readonly string[]): Pick<History, 'commits'> {
  return {
    commits: names.map((committable) => {
      return { timeMs: 20, checkpoint: 1, committable, completedUpTo: 1 };
    }),
  };
}

const events = [at(10, completed(1))];

function opens(
  kind: 'sink-opening' | 'sink-opened',
  timeMs: number,
  changes: { owner?: string; subtask?: number; parallelism?: number; restored?: number } = {},
): OutputEvent {
  const { owner = 'e1a1', subtask = 0, parallelism = 2, restored = 1 } = changes;
  return { kind, timeMs, owner, subtask, parallelism, restoredCheckpoint: restored };
}

function files(
  timeMs: number,
  appeared: readonly string[],
  removed: readonly string[] = [],
): OutputEvent {
  return { kind: 'unfinished', timeMs, appeared, removed };
}

const alive = (timeMs: number): OutputEvent => {
  return { kind: 'sink-alive', timeMs, owner: 'e1a0', subtask: 0 };
};
const OPENS = [opens('sink-opening', 50), opens('sink-opened', 60)];
const OPEN = '/out/.part-0-e1a0-0000abcd-0.inprogress';
const SEALED = '/out/.part-0-e1a0-0000abcd-0.json.pending-1';
const OLDER = '/out/.part-0-e1a0-0000abcd-0.json.pending-0';

const CASES: readonly Case[] = [
  [sealedOutputIsCommitted, 'no output', run([]), 'not exercised'],
  [
    sealedOutputIsCommitted,
    'what is committed',
    run([sealed(1, 'f')], { events, ...commits('f') }),
    'valid',
  ],
  [
    sealedOutputIsCommitted,
    'what was sealed in vain',
    run([sealed(2, 'g')], { events, ...commits('f') }),
    'not exercised',
  ],
  [
    sealedOutputIsCommitted,
    'one of two that is forgotten',
    run([sealed(1, 'f'), sealed(1, 'g')], { events, ...commits('f') }),
    'invalid',
  ],
  [sealedOutputIsCommitted, 'all forgotten', run([sealed(1, 'f')], { events }), 'invalid'],
  [
    sealedOutputIsCommitted,
    'a job that did not finish',
    run([sealed(1, 'f')], { events, end: { kind: 'stuck', explanation: 'x' } }),
    'not exercised',
  ],
  [noOutputStaysOpen, 'no sink', run([]), 'not exercised'],
  [noOutputStaysOpen, 'a clean place', run(OPENS), 'valid'],
  [
    noOutputStaysOpen,
    'a transaction that a dead attempt left open',
    run([files(10, [OPEN]), alive(20), ...OPENS]),
    'invalid',
  ],
  [
    noOutputStaysOpen,
    'one that was sealed for a checkpoint which never completed',
    run([files(10, [SEALED]), alive(20), ...OPENS]),
    'invalid',
  ],
  [
    noOutputStaysOpen,
    'one that the restored checkpoint may hold',
    run([files(10, [OLDER]), alive(20), ...OPENS]),
    'valid',
  ],
  [
    noOutputStaysOpen,
    'one that is cleaned up',
    run([
      files(10, [OPEN]),
      alive(20),
      opens('sink-opening', 50),
      files(55, [], [OPEN]),
      opens('sink-opened', 60),
    ]),
    'valid',
  ],
  [
    noOutputStaysOpen,
    'one that a zombie opens late',
    run([...OPENS.slice(0, 1), files(55, [OPEN]), alive(70), ...OPENS.slice(1)]),
    'valid',
  ],
  [
    noOutputStaysOpen,
    'one that a zombie opened late, when the next attempt has come',
    run([
      ...OPENS,
      files(65, [OPEN]),
      alive(70),
      opens('sink-opening', 90, { owner: 'e1a2' }),
      opens('sink-opened', 95, { owner: 'e1a2' }),
    ]),
    'invalid',
  ],
  [
    noOutputStaysOpen,
    'one of a subtask that another looks after',
    run([files(10, ['/out/.part-1-e1a0-0000abcd-0.inprogress']), alive(20), ...OPENS]),
    'valid',
  ],
  [
    noOutputStaysOpen,
    'one of a subtask that is no more',
    run([files(10, ['/out/.part-2-e1a0-0000abcd-0.inprogress']), alive(20), ...OPENS]),
    'invalid',
  ],
  [
    noOutputStaysOpen,
    'one that could not be removed',
    run([files(10, [OPEN]), alive(20), ...OPENS], { hadStorageFaults: true }),
    'not exercised',
  ],
];

checkerContract(CASES);
