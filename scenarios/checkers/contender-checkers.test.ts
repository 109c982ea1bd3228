// Leaders that go on after they were replaced: in the store, on TaskManagers, and by themselves.

import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { History, TimedEvent } from './checker.ts';
import { type Case, checkerContract } from './checker.contract.ts';
import { replacedLeadersDoNoHarm, replacedLeadersStepDown } from './contender-checkers.ts';
import type { StorageEvent } from './observations.ts';
import { at, engine, history } from './testing/hand-made.ts';

const { aborted, deployed, elected, restoring, triggered } = engine;

const first = (timeMs: number, event: EngineEvent) => at(timeMs, event, 'jm', 1);
const rival = (timeMs: number, event: EngineEvent) => at(timeMs, event, 'jm-2', 1);
const REPLACED = [first(1, elected(1)), first(2, restoring(undefined)), rival(100, elected(2))];

function run(events: readonly TimedEvent[], ...storage: readonly StorageEvent[]): History {
  return history({ events, storage });
}

function remembers(timeMs: number, epoch: number): StorageEvent {
  return { kind: 'leader-file', timeMs, epoch, name: 'completed-checkpoint', text: '7' };
}

const revoked: EngineEvent = { kind: 'leadership-revoked', leaderEpoch: 1 };

const CASES: readonly Case[] = [
  [
    replacedLeadersDoNoHarm,
    'a leader without rivals',
    run([first(1, elected(1))]),
    'not exercised',
  ],
  [
    replacedLeadersDoNoHarm,
    'leaders that record in turn',
    run(REPLACED, remembers(50, 1), remembers(99, 2), remembers(150, 2)),
    'valid',
  ],
  [
    replacedLeadersDoNoHarm,
    'a write of the old leader, once the new one leads',
    run(REPLACED, remembers(50, 1), remembers(101, 1)),
    'invalid',
  ],
  [
    replacedLeadersDoNoHarm,
    'a host that runs tasks of the new leader after those of the old',
    run([...REPLACED, at(3, deployed('v:0#0@1'), 'tm'), at(110, deployed('v:0#0@2'), 'tm')]),
    'valid',
  ],
  [
    replacedLeadersDoNoHarm,
    'a host that has not heard of the new leader yet',
    run([...REPLACED, at(110, deployed('v:0#0@2'), 'tm'), at(111, deployed('v:1#0@1'), 'tm-2')]),
    'valid',
  ],
  [
    replacedLeadersDoNoHarm,
    'a host that goes back to the old leader',
    run([...REPLACED, at(110, deployed('v:0#0@2'), 'tm'), at(111, deployed('v:1#1@1'), 'tm')]),
    'invalid',
  ],
  [
    replacedLeadersStepDown,
    'a leader without rivals',
    run([first(1, elected(1))]),
    'not exercised',
  ],
  [
    replacedLeadersStepDown,
    'a leader that goes on for a moment, and says when it is over',
    run([...REPLACED, first(200, triggered(3)), first(5_000, revoked)]),
    'valid',
  ],
  [
    replacedLeadersStepDown,
    'a leader that goes on as if nothing had happened',
    run([...REPLACED, first(1_000, triggered(3)), first(5_000, aborted(3))]),
    'invalid',
  ],
  [
    replacedLeadersStepDown,
    'a leader that was replaced, and leads again',
    run([...REPLACED, first(3_000, elected(3)), first(5_000, triggered(3))]),
    'valid',
  ],
];

checkerContract(CASES);
