// Ids that go back, leaders that go on after they were replaced, and tasks that serve two masters.

import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { History, TimedEvent } from './checker.ts';
import { idsIncrease, oneLeaderTakesEffect } from './leader-checkers.ts';
import { type Case, checkerContract } from './checker.contract.ts';
import { at, engine, history } from './testing/hand-made.ts';

const { triggered, completed, elected, restoring, snapshot, finished } = engine;

function run(...events: readonly TimedEvent[]): History {
  return history({ events });
}

const first = (timeMs: number, event: EngineEvent) => at(timeMs, event, 'jm', 1);
const second = (timeMs: number, event: EngineEvent) => at(timeMs, event, 'jm', 2);
const rival = (timeMs: number, event: EngineEvent) => at(timeMs, event, 'jm-2', 1);
const REPLACED = [first(1, elected(1)), first(2, restoring(undefined)), rival(5, elected(2))];

const CASES: readonly Case[] = [
  [idsIncrease, 'no checkpoint', run(), 'not exercised'],
  [
    idsIncrease,
    'ids with gaps, across leaders',
    run(
      first(1, triggered(1)),
      first(2, completed(1)),
      second(3, triggered(4)),
      second(4, completed(4)),
    ),
    'valid',
  ],
  [
    idsIncrease,
    'two under way that complete in turn',
    run(
      first(1, triggered(1)),
      first(2, triggered(2)),
      first(3, completed(1)),
      first(4, completed(2)),
    ),
    'valid',
  ],
  [
    idsIncrease,
    'a leader that starts from 1 again',
    run(
      first(1, triggered(1)),
      first(2, triggered(2)),
      at(3, snapshot(2, 'v:0#0@1'), 'tm'),
      second(4, elected(2)),
      second(5, triggered(1)),
    ),
    'invalid',
  ],
  [
    idsIncrease,
    'an id that a task has heard of and that is used again',
    run(
      first(1, triggered(3)),
      at(2, snapshot(3, 'v:0#0@1'), 'tm'),
      second(3, elected(2)),
      second(4, triggered(3)),
    ),
    'invalid',
  ],
  [
    idsIncrease,
    'an id that no task had heard of when its leader died',
    run(first(1, triggered(3)), second(3, elected(2)), second(4, triggered(3))),
    'valid',
  ],
  [
    idsIncrease,
    'a leader that triggers an id twice',
    run(first(1, triggered(3)), first(3, triggered(3))),
    'invalid',
  ],
  [
    idsIncrease,
    'one that completes after a later one',
    run(first(1, completed(3)), first(2, completed(2))),
    'invalid',
  ],
  [
    idsIncrease,
    'what completes in any order once the job is over',
    run(first(1, completed(3)), first(2, finished), first(3, completed(2))),
    'valid',
  ],
  [oneLeaderTakesEffect, 'no leader', run(), 'not exercised'],
  [
    oneLeaderTakesEffect,
    'leaders one after the other',
    run(
      first(1, elected(1)),
      first(2, restoring(undefined)),
      second(5, elected(2)),
      second(6, restoring(1)),
    ),
    'valid',
  ],
  [
    oneLeaderTakesEffect,
    'two leaders of one epoch',
    run(first(1, elected(1)), rival(2, elected(1))),
    'invalid',
  ],
  [
    oneLeaderTakesEffect,
    'an epoch that goes back',
    run(first(1, elected(3)), second(2, elected(2))),
    'invalid',
  ],
  [
    oneLeaderTakesEffect,
    'an old leader that completes a checkpoint after the new one has restored',
    run(...REPLACED, rival(6, restoring(1)), first(7, completed(2))),
    'invalid',
  ],
  [
    oneLeaderTakesEffect,
    'an old leader that restarts the job after the new one has',
    run(...REPLACED, rival(6, restoring(1)), first(7, restoring(1))),
    'invalid',
  ],
  [
    oneLeaderTakesEffect,
    'an old leader that ends the job after the new one has restored',
    run(...REPLACED, rival(6, restoring(1)), first(7, finished)),
    'invalid',
  ],
  [
    oneLeaderTakesEffect,
    'an old leader that completes a checkpoint which the new one will find',
    run(...REPLACED, first(6, completed(2)), rival(7, restoring(2))),
    'valid',
  ],
  [
    oneLeaderTakesEffect,
    'a task that takes a snapshot for its own leader',
    run(first(1, elected(1)), first(2, triggered(1)), at(3, snapshot(1, 'v:0#0@1'), 'tm')),
    'valid',
  ],
  [
    oneLeaderTakesEffect,
    'a task that takes a snapshot for the leader after its own',
    run(
      first(1, elected(1)),
      rival(2, elected(2)),
      rival(3, triggered(4)),
      at(4, snapshot(4, 'v:0#0@1'), 'tm'),
    ),
    'invalid',
  ],
];

checkerContract(CASES);
