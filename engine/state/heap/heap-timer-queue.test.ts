// The heap of timers against a sorted list: any sequence of additions, removals and polls.

import test from 'ava';
import fc from 'fast-check';

import { HeapTimerQueue } from './heap-timer-queue.ts';
import { KeyContext } from './key-context.ts';

interface Call {
  readonly kind: 'add' | 'remove' | 'poll';
  readonly timestamp: number;
  readonly key: number;
  readonly namespace: number;
}

const calls = fc.array(
  fc.record<Call>({
    kind: fc.constantFrom('add', 'add', 'remove', 'poll'),
    timestamp: fc.integer({ min: -3, max: 6 }),
    key: fc.nat(3),
    namespace: fc.nat(2),
  }),
  { maxLength: 120, size: 'max' },
);

test('timers come out by time and, at one time, in the order they went in', (t) => {
  fc.assert(
    fc.property(calls, (sequence) => {
      const queue = new HeapTimerQueue<number>(new KeyContext({ first: 0, last: 15 }, 16));
      let model: Call[] = [];
      for (const call of sequence) {
        const before = model[0];
        const isSame = (other: Call) =>
          other.timestamp === call.timestamp &&
          other.key === call.key &&
          other.namespace === call.namespace;
        if (call.kind === 'poll') {
          t.is(queue.poll()?.timestamp, before?.timestamp);
          model.shift();
        } else if (call.kind === 'remove') {
          model = model.filter((other) => !isSame(other));
          t.is(queue.remove(call), before !== model[0]);
        } else {
          if (!model.some(isSame)) model.push(call);
          model.sort((left, right) => left.timestamp - right.timestamp);
          t.is(queue.add(call), before !== model[0]);
        }
        t.is(queue.size, model.length);
        const head = queue.peek();
        t.is(head?.timestamp, model[0]?.timestamp);
        t.is(head?.key, model[0]?.key);
        t.is(head?.namespace, model[0]?.namespace);
        const due = model.filter(({ timestamp }) => timestamp <= call.timestamp);
        const dueKeys = due.map(({ key }) => key).sort((left, right) => left - right);
        const found = queue.keysUpTo(call.timestamp, 1_000).map(Number);
        t.deepEqual(
          found.sort((left, right) => left - right),
          dueKeys,
        );
      }
    }),
    { numRuns: 200 },
  );
});
