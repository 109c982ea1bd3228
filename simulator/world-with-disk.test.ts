// A world with real simulated disks under the ambient guard: what a host may rely on after a crash,
// and that disks and guard get along.

import test from 'ava';
import type { FileSystem } from '../engine/environment/filesystem.ts';
import { address } from '../engine/environment/network.ts';
import { SimulatedDisk } from './filesystem/simulated-disk.ts';
import { installGuard } from './guard/guard.ts';
import { macrotask } from './kernel/macrotask.ts';
import { describeOutcome } from './kernel/outcome.ts';
import { SeededRandom } from './random.ts';
import { World } from './world.ts';

const tm = address('tm-1');

interface Run {
  readonly digest: string;
  readonly ending: string;
  /** The highest number that was acknowledged, and the one that was read after each boot. */
  readonly acknowledged: number;
  readonly recovered: readonly number[];
}

/** Counts in a file, durably: reads where it was, then adds one, again and again. */
async function count(files: FileSystem, onBoot: (value: number) => void, onSync: () => void) {
  const status = await files.status('/counter');
  if (status === undefined) await files.create('/counter', new Uint8Array());
  await files.sync('/');
  onBoot((await files.read('/counter')).length);
  for (;;) {
    await files.append('/counter', Uint8Array.of(1));
    await files.sync('/counter');
    onSync();
  }
}

async function run(seed: string): Promise<Run> {
  const guard = installGuard();
  const world = new World({ seed, drain: macrotask, scope: guard });
  const disk = new SimulatedDisk({ random: new SeededRandom(seed).fork('disk') });
  let acknowledged = 0;
  const recovered: number[] = [];
  world.addHost(tm, {
    disk,
    boot: ({ filesystem }) => {
      let value = 0;
      const onBoot = (found: number) => {
        value = found;
        recovered.push(found);
      };
      void count(filesystem, onBoot, () => {
        value += 1;
        acknowledged = Math.max(acknowledged, value);
      });
    },
  });
  for (const atMs of [100, 105, 333, 700]) {
    world.at(atMs, 'crash', () => {
      world.crash(tm);
      recovered.push(-acknowledged);
      world.restart(tm);
    });
  }
  const outcome = await world.run({ until: () => false, deadlineMs: 1_000 });
  guard.restore();
  return { digest: world.digest, ending: describeOutcome(outcome), acknowledged, recovered };
}

test.serial('what was synced survives every crash, and a run replays exactly', async (t) => {
  for (let index = 0; index < 10; index += 1) {
    const seed = index.toString(16).padStart(16, 'd');
    const one = await run(seed);
    t.regex(one.ending, /out-of-time/);
    t.true(one.acknowledged > 50, String(one.acknowledged));
    for (const [place, value] of one.recovered.entries()) {
      const next = one.recovered[place + 1] ?? 0;
      // A crash notes the acknowledged value, negated; the boot after it must find at least that.
      if (value < 0 && next > 0) t.true(next >= -value);
    }
    t.deepEqual(await run(seed), one);
  }
});
