// Chains lead to roots by the shortest way, and a circle is called one only if nothing leads out.

import test from 'ava';
import { keyOf, type Party, root, type Wait, wait } from './wait.ts';
import { type Chain, chainsOf } from './wait-graph.ts';

const JOB: Party = { kind: 'job' };

function task(attempt: string): Party {
  return { kind: 'task', attempt };
}

function chains(waits: ReadonlyMap<Party, readonly Wait[]>): readonly Chain[] {
  const byKey = new Map([...waits].map(([party, all]) => [keyOf(party), all]));
  return chainsOf(JOB, (party) => byKey.get(keyOf(party)) ?? []);
}

test('a chain is the shortest way from the job to its root', (t) => {
  const found = chains(
    new Map([
      [JOB, [wait('job waits for a', task('a')), wait('job waits for b', task('b'))]],
      [task('a'), [wait('a waits for b', task('b'))]],
      [task('b'), root('certain', 'b is down')],
    ]),
  );
  t.deepEqual(found, [{ kind: 'certain', sentences: ['job waits for b', 'b is down'] }]);
});

test('who wait for each other are a cycle, told once and from where it is entered', (t) => {
  const found = chains(
    new Map([
      [JOB, [wait('job waits for a', task('a'))]],
      [task('a'), [wait('a waits for b', task('b'))]],
      [task('b'), [wait('b waits for c', task('c'))]],
      [task('c'), [wait('c waits for b', task('b'))]],
    ]),
  );
  t.deepEqual(found, [
    {
      kind: 'cycle',
      sentences: ['job waits for a', 'a waits for b', 'b waits for c', 'c waits for b'],
    },
  ]);
});

test('a circle that something else keeps waiting is not the root', (t) => {
  const found = chains(
    new Map([
      [JOB, [wait('job waits for a', task('a'))]],
      [task('a'), [wait('a waits for b', task('b'))]],
      [task('b'), [wait('b waits for a', task('a')), ...root('likely', 'b waits for its disk')]],
    ]),
  );
  t.deepEqual(
    found.map(({ kind }) => kind),
    ['likely'],
  );
});

test('the surest root comes first, however far it is', (t) => {
  const found = chains(
    new Map([
      [JOB, [...root('open', 'job is to be restarted'), wait('job waits for a', task('a'))]],
      [task('a'), root('certain', 'a is paused')],
    ]),
  );
  t.deepEqual(
    found.map(({ kind }) => kind),
    ['certain', 'open'],
  );
});
