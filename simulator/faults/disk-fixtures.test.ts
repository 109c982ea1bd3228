// For each kind of disk fault an assumption of a program that keeps files which this kind alone
// breaks. The program publishes versions of one file as a careful one does, and reads another that
// it wrote once; in the end its host loses power.

import test from 'ava';
import { FileSystemError, type FileSystem } from '../../engine/environment/filesystem.ts';
import { address } from '../../engine/environment/network.ts';
import { SimulatedDisk } from '../filesystem/simulated-disk.ts';
import { macrotask } from '../kernel/macrotask.ts';
import { SeededRandom } from '../random.ts';
import { World } from '../world.ts';
import { applyPlan } from './apply-plan.ts';
import { diskHandler } from './disk-handler.ts';
import type { DiskFault } from './fault.ts';
import { faultKindsOf } from './fault-catalog.ts';

const HOST = address('host');
const BYTES = 600;
const COLD = 251;
const ROUNDS_MAX = 250;

/** What reading a file gave, and what it had been given last. */
interface Look {
  readonly expected: number;
  readonly got: Uint8Array;
}

interface Seen {
  readonly errors: string[];
  readonly current: Look[];
  readonly cold: Look[];
  slowestMs: number;
  version: number;
  /** The newest version that was published, and what power loss has left of it. */
  afterwards: Look | undefined;
}

async function play(faults: readonly DiskFault[]): Promise<Seen> {
  const world = new World({ seed: '00000000000000f3', drain: macrotask });
  const disk = new SimulatedDisk({ random: new SeededRandom('00000000000000f4') });
  const seen: Seen = {
    errors: [],
    current: [],
    cold: [],
    slowestMs: 0,
    version: 0,
    afterwards: undefined,
  };
  world.addHost(HOST, {
    disk,
    boot: (environment) => {
      environment.expectContinuations();
      const { filesystem } = environment;
      if (world.bootCountOf(HOST) === 1) void work(world, filesystem, seen);
      else void lookBack(filesystem, seen);
    },
  });
  applyPlan(world, { healAtMs: 9_000, faults }, { disk: diskHandler({ diskAt: () => disk }) });
  world.at(9_500, 'crash', () => world.crash(HOST));
  world.at(9_501, 'restart', () => world.restart(HOST));
  await world.run({ until: () => false, deadlineMs: 10_000 });
  return seen;
}

async function work(world: World, files: FileSystem, seen: Seen): Promise<void> {
  await files.makeDirectory('/d');
  await files.sync('/');
  await files.write('/d/cold', filled(COLD));
  await files.sync('/d/cold');
  for (let version = 1; version < ROUNDS_MAX; version += 1) {
    const startedMs = world.nowMs;
    try {
      await files.write('/d/next', filled(version));
      await files.sync('/d/next');
      await files.rename('/d/next', '/d/current');
      await files.sync('/d');
      seen.version = version;
      seen.current.push({ expected: version, got: await files.read('/d/current') });
      seen.cold.push({ expected: COLD, got: await files.read('/d/cold') });
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      seen.errors.push(error.message);
    }
    seen.slowestMs = Math.max(seen.slowestMs, world.nowMs - startedMs);
  }
}

async function lookBack(files: FileSystem, seen: Seen): Promise<void> {
  seen.afterwards = { expected: seen.version, got: await files.read('/d/current') };
}

function filled(version: number): Uint8Array {
  return new Uint8Array(BYTES).fill(version);
}

const scope = { host: HOST, pathPrefix: '/d/', fromMs: 500, toMs: 9_000, oneIn: 20 } as const;
/** Never ends before the loss of power: what is overwritten in time is not lost. */
const everywhere = { ...scope, oneIn: 1 } as const;

const FIXTURES: readonly {
  readonly fault: DiskFault;
  readonly assumption: string;
  readonly isBroken: (seen: Seen) => boolean;
}[] = [
  {
    fault: { kind: 'sync-failure', ...scope },
    assumption: 'what could be written can be synced',
    isBroken: ({ errors }) =>
      errors.length > 0 && errors.every((error) => /^Cannot sync .* EIO$/.test(error)),
  },
  {
    fault: { kind: 'no-space', ...scope },
    assumption: 'there is room',
    isBroken: ({ errors }) => errors.some((error) => error.endsWith('ENOSPC')),
  },
  {
    fault: { kind: 'io-error', ...scope },
    assumption: 'what is there can be read',
    isBroken: ({ errors }) => errors.some((error) => /^Cannot read .* EIO$/.test(error)),
  },
  {
    fault: { kind: 'slow-disk', host: HOST, fromMs: 500, toMs: 3_000, factor: 50 },
    assumption: 'a disk that works is quick',
    isBroken: ({ slowestMs }) => slowestMs > 200,
  },
  {
    fault: { kind: 'short-io', ...scope },
    assumption: 'a read gives all there is',
    isBroken: ({ current, cold }) => [...current, ...cold].some(({ got }) => got.length < BYTES),
  },
  {
    fault: { kind: 'stale-read', ...scope },
    assumption: 'a read gives what was written last',
    isBroken: ({ current }) =>
      current.some(
        ({ expected, got }) => got.length === BYTES && got.every((byte) => byte === expected - 1),
      ),
  },
  {
    fault: { kind: 'lost-write', ...everywhere },
    assumption: 'what was synced survives a loss of power',
    isBroken: ({ afterwards, current }) =>
      current.every(isRight) && afterwards !== undefined && !isRight(afterwards),
  },
  {
    fault: { kind: 'misdirected-write', ...scope },
    assumption: 'what nobody writes to stays, but for a rotten bit',
    isBroken: ({ cold }) => cold.some((look) => look.got.length === BYTES && wrongBits(look) > 8),
  },
  {
    fault: { kind: 'bit-rot', host: HOST, pathPrefix: '/d/cold', atMs: 800 },
    assumption: 'a file that was right stays right',
    isBroken: ({ cold }) => cold.some((look) => look.got.length === BYTES && wrongBits(look) === 1),
  },
];

for (const { fault, assumption } of FIXTURES) {
  test(`${fault.kind} alone shows that this is wrong: ${assumption}`, async (t) => {
    const seen = await play([fault]);
    const broken = FIXTURES.filter(({ isBroken }) => isBroken(seen));
    t.deepEqual(
      broken.map((one) => one.fault.kind),
      [fault.kind],
    );
  });
}

test('every kind of disk fault has one fixture', (t) => {
  const kinds = faultKindsOf('disk');
  t.deepEqual(FIXTURES.map(({ fault }): string => fault.kind).toSorted(), kinds.toSorted());
});

test('without a fault every assumption holds', async (t) => {
  const seen = await play([]);
  t.deepEqual(
    FIXTURES.filter(({ isBroken }) => isBroken(seen)),
    [],
  );
  t.is(seen.current.length, ROUNDS_MAX - 1);
});

function isRight(look: Look): boolean {
  return look.got.length === BYTES && wrongBits(look) === 0;
}

function wrongBits({ expected, got }: Look): number {
  let count = 0;
  for (const byte of got)
    for (let bit = 0; bit < 8; bit += 1) count += ((byte ^ expected) >> bit) & 1;
  return count;
}
