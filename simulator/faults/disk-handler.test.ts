// Disk faults of a plan must strike the disks of their hosts, in their windows, and be counted.

import test from 'ava';
import { address } from '../../engine/environment/network.ts';
import { SimulatedDisk } from '../filesystem/simulated-disk.ts';
import { macrotask } from '../kernel/macrotask.ts';
import { World } from '../world.ts';
import { applyPlan } from './apply-plan.ts';
import { diskHandler } from './disk-handler.ts';
import type { Fault } from './fault.ts';

const tm = address('tm-1');

test('disk faults fail calls in their windows only, and are counted', async (t) => {
  const world = new World({ seed: '00000000000000d1', drain: macrotask });
  const disk = new SimulatedDisk({ random: world.random.fork('disk') });
  const failures: string[] = [];
  world.addHost(tm, {
    disk,
    boot: ({ filesystem }) => {
      const work = async () => {
        for (;;) {
          await filesystem.write('/a', Uint8Array.of(1)).catch((error: unknown) => {
            failures.push(`${String(error)} in window ${Math.floor(world.nowMs / 100)}`);
          });
          await filesystem.sync('/a').catch((error: unknown) => {
            failures.push(`${String(error)} in window ${Math.floor(world.nowMs / 100)}`);
          });
        }
      };
      void work();
    },
  });
  const common = { host: tm, pathPrefix: '/', oneIn: 1 };
  const faults: readonly Fault[] = [
    { kind: 'sync-failure', ...common, fromMs: 100, toMs: 199 },
    { kind: 'no-space', ...common, fromMs: 300, toMs: 399 },
    { kind: 'io-error', ...common, fromMs: 500, toMs: 599, oneIn: 3 },
    { kind: 'io-error', ...common, fromMs: 510, toMs: 599, host: address('none') },
  ];
  const handlers = { disk: diskHandler({ diskAt: (host) => (host === tm ? disk : undefined) }) };
  const { counts } = applyPlan(world, { healAtMs: 900, faults }, handlers);
  await world.run({ until: () => false, deadlineMs: 950 });
  const windows = new Set(failures.map((failure) => failure.replace(/^.*"\/a": /, '')));
  t.deepEqual([...windows], ['EIO in window 1', 'ENOSPC in window 3', 'EIO in window 5']);
  const [syncs = 0, space = 0, errors = 0, none] = counts.byFault();
  t.is(syncs + space + errors, failures.length);
  t.true(syncs > 5 && space > 5 && errors > 0);
  t.is(none, 0);
});
