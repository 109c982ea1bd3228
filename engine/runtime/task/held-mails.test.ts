// Which mails wait while a task fetches state, and in which order they come back.

import test from 'ava';
import fc from 'fast-check';

import { InvariantViolation } from '../../core/assert.ts';
import type { ToTask } from '../messages.ts';
import { HeldMails } from './held-mails.ts';

function call(): ToTask {
  return { kind: 'call', run: () => undefined };
}

test('nothing waits while no state is fetched', (t) => {
  const held = new HeldMails();
  t.false(held.takes(call()));
  t.false(held.takes({ kind: 'run' }));
  t.false(held.isHolding);
});

test('what looks at the task waits; the ends of channels and of the task do not', (t) => {
  const held = new HeldMails();
  held.hold();
  const waiting: readonly ToTask[] = [
    call(),
    { kind: 'run' },
    { kind: 'channel-element', edge: 'e', producer: 0, sequence: 1, element: new Uint8Array(0) },
    { kind: 'no-more-splits' },
    { kind: 'add-splits', splits: [] },
  ];
  const passing: readonly ToTask[] = [
    { kind: 'cancel' },
    { kind: 'prepared', run: () => undefined },
    { kind: 'open-channel', edge: 'e', consumer: 0 },
    { kind: 'channel-opened', edge: 'e', producer: 0 },
    { kind: 'grant-credit', edge: 'e', consumer: 0, credit: 1 },
  ];
  t.true(waiting.every((mail) => held.takes(mail)));
  t.false(passing.some((mail) => held.takes(mail)));
  const seen: ToTask[] = [];
  held.letGo();
  held.replay((mail) => seen.push(mail));
  t.deepEqual(seen, waiting);
});

test('a second fetch while one is under way is a bug', (t) => {
  const held = new HeldMails();
  held.hold();
  t.throws(() => held.hold(), { instanceOf: InvariantViolation });
});

test('mails come back in order and once, however often they make the task wait again', (t) => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (waitsAgain) => {
      const held = new HeldMails();
      held.hold();
      const mails = waitsAgain.map(call);
      for (const mail of mails) held.takes(mail);
      const seen: ToTask[] = [];
      const late: ToTask[] = [];
      // Whoever waits again is let go with the next round; one more mail comes in between.
      for (let round = 0; round <= mails.length; round++) {
        held.letGo();
        held.replay((mail) => {
          seen.push(mail);
          if (waitsAgain[mails.indexOf(mail)] === true) held.hold();
        });
        if (!held.isHolding) continue;
        const another = call();
        late.push(another);
        held.takes(another);
      }
      t.deepEqual(seen.slice(0, mails.length), mails);
      t.is(new Set(seen).size, seen.length);
      t.true(late.every((mail) => seen.includes(mail)) || held.isHolding);
    }),
  );
});
