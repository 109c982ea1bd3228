// What a process has sent over HTTP may arrive after its death: then it is carried out, and the
// network knows that nobody is left who could undo it.

import test from 'ava';
import { address } from '../../engine/environment/network.ts';
import { macrotask } from '../kernel/macrotask.ts';
import { World } from '../world.ts';
import { serveHttp } from './serve-http.ts';

const [client, store] = [address('tm-1'), address('store')];
const OK = { status: 200, headers: new Map<string, string>(), body: new Uint8Array() };

async function play(crashAtMs: number): Promise<{ world: World; carriedOut: number }> {
  const world = new World({ seed: '00000000000000d7', drain: macrotask });
  let carriedOut = 0;
  world.addHost(store, {
    boot: (environment) => {
      const handle = () => {
        carriedOut += 1;
        return OK;
      };
      serveHttp(environment, { handle });
    },
  });
  world.addHost(client, {
    boot: (environment) => {
      environment.expectContinuations();
      const request = { method: 'PUT', url: 'http://store/chk-1/state' } as const;
      environment.services.http.send(request).catch(() => undefined);
    },
  });
  world.network.setLatencies(client, store, [500]);
  world.network.setLatencies(store, client, [1]);
  world.at(crashAtMs, 'crash', () => world.crash(client));
  await world.run({ until: () => false, deadlineMs: 3_000 });
  return { world, carriedOut };
}

test('a request that is under way when its sender dies is carried out, and noted', async (t) => {
  const { world, carriedOut } = await play(700);
  t.is(carriedOut, 1);
  const puts = world.network.posthumous.filter(({ text }) => text.includes('PUT'));
  t.deepEqual(
    puts.map(({ text }) => text),
    ['http request PUT http://store/chk-1/state'],
  );
  t.true((puts[0]?.atMs ?? 0) > 700);
});

test('what a living process has sent is nothing special', async (t) => {
  const { world, carriedOut } = await play(2_900);
  t.is(carriedOut, 1);
  t.false(world.network.posthumous.some(({ text }) => text.includes('PUT')));
});
