// The two halves of a numbered stream, each alone and both together.

import test from 'ava';
import fc from 'fast-check';

import { ReceiveWindow, SendWindow } from './stream-window.ts';

const LIMIT = 4;

test('SendWindow numbers messages from 1 and has no more than its limit under way', (t) => {
  const window = new SendWindow(LIMIT);
  for (let byte = 1; byte <= 10; byte++) window.add(Uint8Array.of(byte));
  t.deepEqual(sequences(window), [1, 2, 3, 4]);
  t.deepEqual(sequences(window), []);
  t.true(window.acknowledge(2));
  t.false(window.acknowledge(2));
  t.deepEqual(sequences(window), [5, 6]);
  t.is(window.size, 8);
  t.throws(() => window.acknowledge(7), { message: /never sent/ });
});

test('ReceiveWindow drops what was there before and what is too far ahead', (t) => {
  const window = new ReceiveWindow(LIMIT);
  const accept = (sequence: number): readonly number[] =>
    window.accept(sequence, Uint8Array.of(sequence)).map(([byte = 0]) => byte);
  t.deepEqual(accept(LIMIT + 1), []);
  t.deepEqual(accept(2), []);
  t.deepEqual(accept(1), [1, 2]);
  t.deepEqual(accept(1), []);
  t.deepEqual(accept(3), [3]);
  t.deepEqual(accept(4), [4]);
  t.is(window.received, LIMIT);
  t.deepEqual(accept(5), [5]);
});

test('whatever order packets come in, each message is given once, in order', (t) => {
  const hops = fc.array(fc.nat({ max: 30 }), { minLength: 40, maxLength: 120 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), hops, (count, picks) => {
      const send = new SendWindow(LIMIT);
      const receive = new ReceiveWindow(LIMIT);
      const got: number[] = [];
      for (let byte = 0; byte < count; byte++) send.add(Uint8Array.of(byte));
      const deliverOne = (pick: number): void => {
        send.takeSendable();
        const sent = send.unacknowledged[pick % Math.max(1, send.unacknowledged.length)];
        if (sent === undefined) return;
        got.push(...receive.accept(sent.sequence, sent.bytes).map(([byte = 0]) => byte));
        if (pick % 3 !== 0) send.acknowledge(receive.received);
      };
      for (const pick of picks) deliverOne(pick);
      while (send.size > 0) {
        deliverOne(0);
        send.acknowledge(receive.received);
      }
      t.deepEqual(
        got,
        Array.from({ length: count }, (_, byte) => byte),
      );
    }),
  );
});

function sequences(window: SendWindow): readonly number[] {
  return window.takeSendable().map(({ sequence }) => sequence);
}
