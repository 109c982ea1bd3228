// State that is dealt out wrongly on a restore: elements lost, elements given out twice, key groups
// with two owners or none.

import { checkpointId, executionAttemptId, operatorId } from '../../engine/core/ids.ts';
import type { EngineEvent, ObservedList } from '../../engine/runtime/observer.ts';
import type { History } from './checker.ts';
import { stateIsOwnedOnce } from './ownership-checkers.ts';
import { type Case, checkerContract } from './checker.contract.ts';
import { at, engine, history } from './testing/hand-made.ts';

interface Part {
  readonly subtask: number;
  readonly parallelism: number;
}

function common({ subtask, parallelism }: Part, attemptNumber: number) {
  const attempt = executionAttemptId(`v:${subtask}#${attemptNumber}@1`);
  const [checkpoint, operator] = [checkpointId(3), operatorId('op')];
  return { checkpoint, operator, subtask, parallelism, attempt };
}

type Lists = readonly (readonly string[])[];

function parts<T>(all: readonly T[]): readonly (Part & { readonly value: T })[] {
  return all.map((value, subtask) => ({ value, subtask, parallelism: all.length }));
}

/** By subtask: what each had, and what each got. */
function lists(before: Lists, after: Lists, mode: ObservedList['mode'] = 'split'): History {
  const list = (elements: readonly string[]): readonly ObservedList[] => [
    { name: 'l', mode, elements },
  ];
  return run(
    parts(before).map(({ value, ...part }): EngineEvent => {
      return { kind: 'operator-state-snapshotted', ...common(part, 0), lists: list(value) };
    }),
    parts(after).map(({ value, ...part }): EngineEvent => {
      return { kind: 'operator-state-restored', ...common(part, 1), lists: list(value) };
    }),
  );
}

function keyed(before: readonly string[], after: readonly string[]): History {
  return run(
    parts(before).map(({ value, ...part }): EngineEvent => {
      return { kind: 'keyed-state-snapshotted', ...common(part, 0), digest: value };
    }),
    parts(after).map(({ value, ...part }): EngineEvent => {
      return { kind: 'keyed-state-restored', ...common(part, 1), digest: value };
    }),
  );
}

function run(before: readonly EngineEvent[], after: readonly EngineEvent[]): History {
  const attempts = after.flatMap((event) => ('attempt' in event ? [event.attempt] : []));
  const all = [...before, engine.restoring(3, ...attempts), ...after];
  return history({ events: all.map((event, index) => at(index, event)) });
}

const word = (count: number, high: string, low: string): string => `${count}:${high}${low}`;
const [ONE, TWO] = [word(1, '00000001', 'ffffffff'), word(2, '00000002', '00000003')];
const BOTH = word(3, '00000003', '00000002');

const CASES: readonly Case[] = [
  [stateIsOwnedOnce, 'no restore', history(), 'not exercised'],
  [stateIsOwnedOnce, 'everybody gets his own back', lists([['a'], ['b']], [['a'], ['b']]), 'valid'],
  [stateIsOwnedOnce, 'two that become one', lists([['a'], ['b', 'c']], [['a', 'b', 'c']]), 'valid'],
  [stateIsOwnedOnce, 'one that becomes two', lists([['a', 'b']], [['b'], ['a']]), 'valid'],
  [stateIsOwnedOnce, 'equal elements that stay two', lists([['a', 'a']], [['a'], ['a']]), 'valid'],
  [stateIsOwnedOnce, 'a lost element', lists([['a'], ['b']], [['a'], []]), 'invalid'],
  [
    stateIsOwnedOnce,
    'an element that two get',
    lists([['a'], ['b']], [['a'], ['a', 'b']]),
    'invalid',
  ],
  [stateIsOwnedOnce, 'equal elements that become one', lists([['a', 'a']], [['a'], []]), 'invalid'],
  [stateIsOwnedOnce, 'an element from nowhere', lists([['a']], [['a', 'z']]), 'invalid'],
  [
    stateIsOwnedOnce,
    'a union that everybody gets',
    lists(
      [['a'], ['b']],
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
      'union',
    ),
    'valid',
  ],
  [
    stateIsOwnedOnce,
    'a union that is dealt out',
    lists([['a'], ['b']], [['a'], ['b']], 'union'),
    'invalid',
  ],
  [
    stateIsOwnedOnce,
    'a restore that not all subtasks have finished',
    history({
      events: lists([['a'], ['b']], [['a'], ['b']]).events.slice(0, -1),
    }),
    'not exercised',
  ],
  [stateIsOwnedOnce, 'key groups that are put together', keyed([ONE, TWO], [BOTH]), 'valid'],
  [stateIsOwnedOnce, 'key groups that are taken apart', keyed([BOTH], [TWO, ONE]), 'valid'],
  [
    stateIsOwnedOnce,
    'key groups without an owner',
    keyed([BOTH], [TWO, '0:0000000000000000']),
    'invalid',
  ],
  [stateIsOwnedOnce, 'key groups of two owners', keyed([ONE, TWO], [BOTH, ONE]), 'invalid'],
];

checkerContract(CASES);
