// The queue against a model: a sorted array.

import test from 'ava';
import fc from 'fast-check';
import { EventQueue, type Queued } from './event-queue.ts';

interface Item extends Queued {
  isCancelled: boolean;
}

type Command =
  | { readonly kind: 'push'; readonly timeMs: number }
  | { readonly kind: 'pop' }
  | { readonly kind: 'cancel'; readonly which: number };

const commands = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('push'), timeMs: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pop') }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel'), which: fc.nat() }) },
  ) as fc.Arbitrary<Command>,
  { maxLength: 800, size: 'max' },
);

class Pair {
  readonly queue = new EventQueue<Item>();
  model: Item[] = [];
  #sequence = 0;

  run(command: Command): void {
    if (command.kind === 'push') this.#push(command.timeMs);
    if (command.kind === 'cancel') this.#cancel(command.which);
  }

  #push(timeMs: number): void {
    this.#sequence += 1;
    const item = { timeMs, sequence: this.#sequence, isCancelled: false };
    this.queue.push(item);
    this.model.push(item);
    this.model.sort((a, b) => a.timeMs - b.timeMs || a.sequence - b.sequence);
  }

  #cancel(which: number): void {
    const item = this.model[which % Math.max(1, this.model.length)];
    if (item === undefined) return;
    item.isCancelled = true;
    this.model = this.model.filter((other) => other !== item);
    this.queue.noteCancelled();
  }
}

test('the queue hands out what a sorted array would, whatever is pushed and cancelled', (t) => {
  fc.assert(
    fc.property(commands, (list) => {
      const pair = new Pair();
      for (const command of list) {
        pair.run(command);
        if (command.kind === 'pop') t.is(pair.queue.pop(), pair.model.shift());
        t.is(pair.queue.size, pair.model.length);
        t.is(pair.queue.peek(), pair.model[0]);
      }
      for (const expected of pair.model) t.is(pair.queue.pop(), expected);
      t.is(pair.queue.pop(), undefined);
    }),
    { numRuns: 60 },
  );
});

test('cancelling almost everything leaves the rest in order and frees the space', (t) => {
  const queue = new EventQueue<Item>();
  const items = Array.from({ length: 2_000 }, (_, index) => ({
    timeMs: (index * 7919) % 1_000,
    sequence: index,
    isCancelled: false,
  }));
  for (const item of items) queue.push(item);
  for (const item of items.slice(10)) {
    item.isCancelled = true;
    queue.noteCancelled();
  }
  t.is(queue.size, 10);
  t.is([...queue.values()].length, 10);
  const times = Array.from({ length: 10 }, () => queue.pop()?.timeMs ?? -1);
  t.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
});
