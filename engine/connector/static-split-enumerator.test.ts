// Laws of StaticSplitEnumerator that need no reader: who gets what and when, and what is kept.

import test from 'ava';
import fc from 'fast-check';

import { SeededRandom } from '../environment/seeded-random.ts';
import type { SourceSplit } from './source.ts';
import {
  type SplitDiscovery,
  type StaticEnumeratorState,
  StaticSplitEnumerator,
} from './static-split-enumerator.ts';
import { InMemoryFileSystem } from './testing/in-memory-filesystem.ts';
import { ManualClock } from './testing/manual-clock.ts';

type Said = readonly [subtask: number, what: string];

/** An enumerator, what it said, and its unfinished I/O. */
function enumerator(
  parallelism: number,
  discovery: SplitDiscovery<SourceSplit>,
  restored?: StaticEnumeratorState<SourceSplit>,
) {
  const said: Said[] = [];
  const registered = new Set<number>();
  const finish: (() => Promise<void>)[] = [];
  const subject = new StaticSplitEnumerator<SourceSplit>(
    {
      parallelism,
      clock: new ManualClock(),
      filesystem: new InMemoryFileSystem(),
      random: new SeededRandom('unused'),
      registeredReaders: () => [...registered],
      assignSplit: ({ splitId }, subtask) => void said.push([subtask, splitId]),
      signalNoMoreSplits: (subtask) => void said.push([subtask, 'no more']),
      io: (_label, operation, done) => {
        finish.push(async () => done(await operation()));
      },
    },
    discovery,
    restored,
  );
  const register = (subtask: number): void => {
    registered.add(subtask);
    subject.addReader(subtask);
  };
  return { subject, said, finish, register };
}

function known(count: number): SplitDiscovery<SourceSplit> {
  const splits = Array.from({ length: count }, (_, index) => ({ splitId: `${index}` }));
  return { kind: 'known', splits: () => splits };
}

const later: SplitDiscovery<SourceSplit> = {
  kind: 'io',
  label: 'find',
  find: () => Promise.resolve([{ splitId: '0' }, { splitId: '1' }]),
};

test('every split is dealt to one subtask, and no subtask gets two more than another', (t) => {
  fc.assert(
    fc.property(fc.nat(40), fc.integer({ min: 1, max: 9 }), (count, parallelism) => {
      const { subject, said, register } = enumerator(parallelism, known(count));
      subject.start();
      for (let subtask = 0; subtask < parallelism; subtask++) register(subtask);
      const shares = Array.from(
        { length: parallelism },
        (_, subtask) => said.filter(([to, what]) => to === subtask && what !== 'no more').length,
      );
      t.is(new Set(said.map(([, what]) => what)).size, count + 1);
      t.true(Math.max(...shares) - Math.min(...shares) <= 1);
    }),
  );
});

test('readers that register before the splits are found get them then', async (t) => {
  const { subject, said, finish, register } = enumerator(2, later);
  subject.start();
  register(1);
  t.deepEqual(said, []);
  t.deepEqual(subject.snapshotState(), { isDiscovered: false, unassigned: [] });
  for (const run of finish) await run();
  t.deepEqual(said, [
    [1, '1'],
    [1, 'no more'],
  ]);
  t.deepEqual(subject.snapshotState(), { isDiscovered: true, unassigned: [{ splitId: '0' }] });
});

test('what is found after close() is not assigned', async (t) => {
  const { subject, said, finish, register } = enumerator(2, later);
  subject.start();
  register(0);
  subject.close();
  for (const run of finish) await run();
  t.deepEqual(said, []);
});

test('a restored enumerator does not look for splits again, unless it had found none', (t) => {
  const unassigned = [{ splitId: 'left' }];
  const found = enumerator(2, later, { isDiscovered: true, unassigned });
  found.subject.start();
  t.is(found.finish.length, 0);
  found.register(0);
  t.deepEqual(found.said, [
    [0, 'left'],
    [0, 'no more'],
  ]);
  const before = enumerator(2, later, { isDiscovered: false, unassigned: [] });
  before.subject.start();
  t.is(before.finish.length, 1);
});

test('splits that come back wait for the reader, or go to it at once if it is there', (t) => {
  const { subject, said, register } = enumerator(1, known(0));
  subject.start();
  subject.addSplitsBack([{ splitId: 'a' }], 0);
  t.deepEqual(subject.snapshotState().unassigned, [{ splitId: 'a' }]);
  register(0);
  subject.addSplitsBack([{ splitId: 'b' }], 0);
  t.deepEqual(said, [
    [0, 'a'],
    [0, 'no more'],
    [0, 'b'],
    [0, 'no more'],
  ]);
  t.deepEqual(subject.snapshotState().unassigned, []);
});

test('a reader that asks is told again that there is no more', (t) => {
  const { subject, said, register } = enumerator(1, known(1));
  subject.start();
  register(0);
  subject.handleSplitRequest(0);
  t.deepEqual(said.at(-1), [0, 'no more']);
});
