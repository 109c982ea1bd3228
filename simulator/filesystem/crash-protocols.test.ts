// The power of the model: ways to update a file that are known to lose or tear it must be caught
// within a few seeds, and the right way must never be blamed.

import { setImmediate as drain } from 'node:timers/promises';

import test from 'ava';
import fc from 'fast-check';

import { type FileSystem, FileSystemError } from '../../engine/environment/filesystem.ts';
import { address } from '../../engine/environment/network.ts';
import type { HostIo } from '../disk-port.ts';
import { DiskBench, immediateIo } from './disk-bench.ts';
import { CURRENT, KNOWN_BAD, type Publish, right } from './protocols.contract.ts';
import type { DurabilityProfile } from './volume.ts';

const HOST = address('host');
/** Six and a bit sectors, so that there is something to tear. */
const VALUE_BYTES = 3_100;
const ROUNDS = 4;
const SEEDS = 150;

for (const [name, publish] of KNOWN_BAD) {
  test(`is caught: ${name}`, async (t) => {
    const seedCount = await seedsUntilCaught(publish, 'posix-strict');
    t.true(seedCount < SEEDS, `not caught in ${seedCount} seeds`);
  });
}

test('is caught: a new directory whose parent was not synced', async (t) => {
  let lostCount = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    const bench = new DiskBench(`seed ${seed}`);
    const files = bench.mount();
    await files.makeDirectory('/d/deep');
    await files.write('/d/deep/a', valueOf(1));
    await files.sync('/d/deep/a');
    await files.sync('/d/deep');
    await files.sync('/d');
    if ((await bench.reboot().status('/d/deep/a')) === undefined) lostCount++;
  }
  t.true(lostCount > 0 && lostCount < SEEDS);
});

test('is caught: reading a log back without checksums', async (t) => {
  const outcomes = new Set<string>();
  for (let seed = 0; seed < SEEDS; seed++) {
    const bench = new DiskBench(`seed ${seed}`);
    const files = bench.mount();
    await files.create('/log', valueOf(1));
    await files.sync('/log');
    await files.sync('/');
    await files.append('/log', valueOf(2));
    const bytes = await bench.reboot().read('/log');
    t.deepEqual(bytes.subarray(0, VALUE_BYTES), valueOf(1), 'what was synced is intact');
    outcomes.add(classify(bytes.subarray(VALUE_BYTES), valueOf(2)));
  }
  t.deepEqual([...outcomes].sort(), ['cut', 'mixed', 'none', 'whole', 'zeros']);
});

for (const profile of ['posix-strict', 'ext4-ordered'] as const) {
  test(`is never blamed under ${profile}: write, sync, rename, sync the directory`, async (t) => {
    const property = fc.asyncProperty(fc.nat(), async (seed) => {
      t.is(await verdictOf(right, { seed: `right ${seed}`, profile }), 'intact');
    });
    await fc.assert(property, { numRuns: 1_500 });
  });
}

test('ext4-ordered forgives a replacing rename without syncing the data', async (t) => {
  const careless = KNOWN_BAD[0]?.[1] ?? right;
  t.is(await seedsUntilCaught(careless, 'ext4-ordered'), SEEDS);
});

test('ext4-ordered does not forgive a missing sync of the directory', async (t) => {
  const careless = KNOWN_BAD[2]?.[1] ?? right;
  t.true((await seedsUntilCaught(careless, 'ext4-ordered')) < SEEDS);
});

async function seedsUntilCaught(publish: Publish, profile: DurabilityProfile): Promise<number> {
  for (let seed = 0; seed < SEEDS; seed++) {
    if ((await verdictOf(publish, { seed: `seed ${seed}`, profile })) !== 'intact') return seed;
  }
  return SEEDS;
}

/**
 * Publishes one value after another; the power fails somewhere in each round. What is found after
 * the reboot must be the value promised last, or whole the one that was on its way.
 */
async function verdictOf(
  publish: Publish,
  run: { readonly seed: string; readonly profile: DurabilityProfile },
): Promise<'intact' | 'lost or torn'> {
  const bench = new DiskBench(run.seed, { profile: run.profile });
  await right(await prepared(bench), valueOf(0), 0);
  let promised = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const callsUntilCrash = 1 + (hashOf(`${run.seed} ${round}`) % 8);
    const files = bench.disk.mount(HOST, stoppingIo(callsUntilCrash));
    bench.disk.faults.syncFailure({ prefix: '/d/tmp', probability: 0.3, countMax: 1 });
    let isPromised = false;
    const promise = async (): Promise<void> => {
      await publish(files, valueOf(round), round);
      isPromised = true;
    };
    promise().catch(ignoreFailedCall);
    await drain();
    const found = await bench.reboot().read(CURRENT).catch(ignoreFailedCall);
    if (isPromised) promised = round;
    const isNew = isSame(found, valueOf(round));
    if (!isNew && !isSame(found, valueOf(promised))) return 'lost or torn';
    if (isNew) promised = round;
  }
  return 'intact';
}

async function prepared(bench: DiskBench): Promise<FileSystem> {
  const files = bench.mount();
  await files.makeDirectory('/d');
  await files.sync('/');
  return files;
}

/** The first calls complete at once; from then on the host waits in vain, until the power fails. */
function stoppingIo(callCount: number): HostIo {
  let left = callCount;
  return {
    perform: (label, latencyMs, work) => {
      left -= 1;
      if (left < 0) return new Promise(() => undefined);
      return immediateIo.perform(label, latencyMs, work);
    },
  };
}

function ignoreFailedCall(error: unknown): undefined {
  if (!(error instanceof FileSystemError)) throw error;
}

function valueOf(round: number): Uint8Array {
  return new Uint8Array(VALUE_BYTES).fill(65 + round);
}

function isSame(found: Uint8Array | undefined, value: Uint8Array): boolean {
  return found?.length === value.length && found.every((byte, index) => byte === value[index]);
}

function classify(tail: Uint8Array, value: Uint8Array): string {
  if (tail.length === 0) return 'none';
  if (isSame(tail, value)) return 'whole';
  if (tail.every((byte) => byte === 0)) return 'zeros';
  return isSame(tail, value.subarray(0, tail.length)) ? 'cut' : 'mixed';
}

function hashOf(text: string): number {
  let hash = 7;
  for (const character of text) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  return hash >>> 3;
}
