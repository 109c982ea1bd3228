// What every Network must do while nothing is broken: the promise is weak, so this is short.
// Loss, duplication, delay and partitions are tested where they are injected.

import test from 'ava';

import { type Address, address, type Network } from './network.ts';

export interface NetworkBench {
  /** The network as this host sees it; hosts of one bench reach each other. */
  readonly host: (name: string) => Network;
  /** Lets messages travel until the condition holds; rejects when it never will. */
  readonly until: (isDone: () => boolean) => Promise<void>;
}

interface Received {
  readonly from: Address;
  readonly bytes: readonly number[];
}

export function networkContract(name: string, open: () => NetworkBench): void {
  test(`${name}: a host knows its own address`, (t) => {
    t.is(open().host('tm-1').local, address('tm-1'));
  });

  test(`${name}: messages arrive whole, unaltered and with their sender`, async (t) => {
    const bench = open();
    const sender = bench.host('tm-1');
    const receiver = bench.host('tm-2');
    const received = inbox(receiver);
    const large = Array.from({ length: 100_000 }, (_, index) => index & 0xff);
    for (const bytes of [[], [0, 255, 10], large]) {
      sender.send(receiver.local, Uint8Array.from(bytes));
    }
    await bench.until(() => received.length >= 3);
    t.true(received.every(({ from }) => from === sender.local));
    const sizes = received.map(({ bytes }) => bytes.length).sort((left, right) => left - right);
    t.deepEqual(sizes, [0, 3, 100_000]);
    t.deepEqual(received.find(({ bytes }) => bytes.length === 3)?.bytes, [0, 255, 10]);
    t.deepEqual(received.find(({ bytes }) => bytes.length > 3)?.bytes, large);
  });

  test(`${name}: nothing arrives before send() returns, not even to oneself`, async (t) => {
    const bench = open();
    const host = bench.host('tm-1');
    const received = inbox(host);
    host.send(host.local, Uint8Array.of(7));
    t.deepEqual(received, []);
    await bench.until(() => received.length > 0);
    t.deepEqual(received, [{ from: host.local, bytes: [7] }]);
  });

  test(`${name}: a receiver may answer`, async (t) => {
    const bench = open();
    const asker = bench.host('tm-1');
    const answerer = bench.host('tm-2');
    const answers = inbox(asker);
    answerer.listen((from, bytes) =>
      answerer.send(
        from,
        bytes.map((byte) => byte + 1),
      ),
    );
    asker.send(answerer.local, Uint8Array.of(1, 2));
    await bench.until(() => answers.length > 0);
    t.deepEqual(answers, [{ from: answerer.local, bytes: [2, 3] }]);
  });

  test(`${name}: sending to nobody does not throw and harms nobody`, async (t) => {
    const bench = open();
    const sender = bench.host('tm-1');
    const deaf = bench.host('tm-2');
    const received = inbox(sender);
    t.notThrows(() => sender.send(address('nobody'), Uint8Array.of(1)));
    t.notThrows(() => sender.send(deaf.local, Uint8Array.of(2)));
    sender.send(sender.local, Uint8Array.of(3));
    await bench.until(() => received.length > 0);
    t.deepEqual(received, [{ from: sender.local, bytes: [3] }]);
  });

  test(`${name}: listen() replaces the receiver`, async (t) => {
    const bench = open();
    const host = bench.host('tm-1');
    const replaced = inbox(host);
    const received = inbox(host);
    host.send(host.local, Uint8Array.of(1));
    await bench.until(() => received.length > 0);
    t.is(replaced.length, 0);
  });
}

function inbox(host: Network): Received[] {
  const received: Received[] = [];
  host.listen((from, bytes) => received.push({ from, bytes: [...bytes] }));
  return received;
}
