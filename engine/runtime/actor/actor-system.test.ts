// Mails, timers, I/O and messages of actors: what is delivered, to whom, in which order.

import test from 'ava';

import type { Address } from '../../environment/network.ts';
import { WeakWorld } from '../testing/weak-world.ts';
import { ActorSystem, type CallMail, type Outcome } from './actor-system.ts';

interface Said {
  readonly got: unknown[];
  receive(mail: unknown): void;
}

function listener(onMail: (mail: unknown) => void = () => {}): Said {
  const got: unknown[] = [];
  return {
    got,
    receive(mail) {
      got.push(mail);
      onMail(mail);
    },
  };
}

function single(): { readonly world: WeakWorld; readonly system: ActorSystem } {
  const world = new WeakWorld();
  return { world, system: new ActorSystem({ environment: world.boot('a') }) };
}

test('mails are handled in the order of posting, never inside one another', (t) => {
  const { world, system } = single();
  let depth = 0;
  const actor = listener((mail) => {
    t.is(++depth, 1);
    if (mail === 1) {
      system.post('x', 3);
      system.post('x', 4);
    }
    depth--;
  });
  system.spawn('x', actor);
  system.post('x', 1);
  system.post('x', 2);
  t.deepEqual(actor.got, []);
  world.advance(0);
  world.advance(0);
  t.deepEqual(actor.got, [1, 2, 3, 4]);
});

test('a flood of mails is handled in turns, and none is lost', (t) => {
  const { world } = single();
  const system = new ActorSystem({ environment: world.boot('b'), mailsPerTurn: 3 });
  const actor = listener();
  system.spawn('x', actor);
  const all = Array.from({ length: 5_000 }, (_, index) => index);
  for (const mail of all) system.post('x', mail);
  world.advance(1);
  t.deepEqual(actor.got, all);
});

test('mails of an actor that has stopped are dropped, timers and finished I/O too', async (t) => {
  const { world, system } = single();
  const actor = listener();
  system.spawn('x', actor);
  system.post('x', 'queued');
  system.schedule(5, 'x', 'timer');
  system.io(
    'x',
    async () => 'io',
    (outcome) => outcome,
  );
  system.stop('x');
  await world.settle(20);
  t.deepEqual(actor.got, []);
  t.false(system.has('x'));
});

test('a canceled timer posts nothing', (t) => {
  const { world, system } = single();
  const actor = listener();
  system.spawn('x', actor);
  system.schedule(5, 'x', 'kept');
  system.schedule(5, 'x', 'canceled').cancel();
  world.advance(20);
  t.deepEqual(actor.got, ['kept']);
});

test('the outcome of I/O comes as a mail: done, rejected or thrown at once', async (t) => {
  const { world, system } = single();
  const actor = listener();
  system.spawn('x', actor);
  const show = (outcome: Outcome<string>): string =>
    outcome.kind === 'done' ? outcome.value : `failed ${String(outcome.cause)}`;
  system.io('x', async () => 'done', show);
  system.io('x', () => Promise.reject('rejected'), show);
  const throws = (): Promise<string> => {
    throw new Error('at once');
  };
  t.notThrows(() => system.io('x', throws, show));
  t.deepEqual(actor.got, []);
  await world.settle(5);
  t.deepEqual(actor.got, ['done', 'failed rejected', 'failed Error: at once']);
});

test('a name cannot be taken twice', (t) => {
  const { system } = single();
  system.spawn('x', listener());
  t.throws(() => system.spawn('x', listener()), { message: /the name is taken/ });
});

test('a message to another host is the same plain data there, and a copy', (t) => {
  const world = new WeakWorld();
  const here = new ActorSystem({ environment: world.boot('a') });
  const there = new ActorSystem({ environment: world.boot('b') });
  const actor = listener();
  const ref = there.spawn('x', actor);
  const message = { kind: 'm', bytes: Uint8Array.of(1, 2), map: new Map([['k', [1, undefined]]]) };
  here.send(ref, message);
  here.sendUnreliable(ref, 'datagram');
  here.send({ host: ref.host, name: 'nobody' }, 'dropped');
  world.advance(100);
  t.deepEqual(actor.got, ['datagram', message]);
  t.false(actor.got.includes(message));
});

test('inside a host a message is handed over as it is', (t) => {
  const { world, system } = single();
  const actor = listener();
  const ref = system.spawn('x', actor);
  const message = { kind: 'm' };
  system.send(ref, message);
  world.advance(1);
  t.is(actor.got[0], message);
  t.true(system.isLocal(ref));
});

test('the loss of a connection is told to those who asked, as a mail among their mails', (t) => {
  const world = new WeakWorld();
  const here = new ActorSystem({ environment: world.boot('a') });
  const there = new ActorSystem({ environment: world.boot('b') });
  const lost: Address[] = [];
  const run = (mail: unknown): void => {
    if (typeof mail === 'object') (mail as CallMail).run();
  };
  here.spawn('x', listener(run));
  here.onConnectionLost('x', (peer) => lost.push(peer));
  const ref = there.spawn('y', listener());
  here.send(ref, 1);
  world.advance(100);
  there.disconnect(here.host);
  here.disconnect(there.host);
  t.deepEqual(lost, []);
  world.advance(100);
  t.deepEqual(lost, [there.host]);
  here.stop('x');
  here.send(ref, 2);
  world.advance(100);
  here.disconnect(there.host);
  world.advance(100);
  t.is(lost.length, 1);
});
