// Chance for cryptography in simulated hosts: foreseeable to who knows the seed, and never the same
// twice.

import test from 'ava';

import { address } from '../../engine/environment/network.ts';
import { macrotask } from '../kernel/macrotask.ts';
import { World } from '../world.ts';

async function drawn(seed: string): Promise<readonly string[]> {
  const world = new World({ seed, drain: macrotask });
  const texts: string[] = [];
  for (const host of [address('a'), address('b')]) {
    world.addHost(host, {
      boot: ({ services }) => {
        for (let call = 0; call < 3; call++) texts.push(services.randomBytes(16).join(' '));
      },
    });
    world.at(10, 'crash', () => world.crash(host));
    world.at(20, 'restart', () => world.restart(host));
  }
  await world.run({ until: () => false, deadlineMs: 100 });
  return texts;
}

test('hosts, boots and calls never draw the same bytes, and a seed draws them again', async (t) => {
  const texts = await drawn('00000000000000b7');
  t.is(texts.length, 12);
  t.is(new Set(texts).size, 12);
  t.deepEqual(await drawn('00000000000000b7'), texts);
  const others = await drawn('00000000000000b8');
  t.true(others.every((text) => !texts.includes(text)));
});
