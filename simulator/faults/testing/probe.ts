// A small world for the fixtures of faults: one host talks to another every millisecond, both look
// at their clocks, the second keeps a file. What they see is written down; nothing is judged here.

import { type Address, address } from '../../../engine/environment/network.ts';
import type { Environment } from '../../../engine/environment/environment.ts';
import { SimulatedDisk } from '../../filesystem/simulated-disk.ts';
import { macrotask } from '../../kernel/macrotask.ts';
import type { Flow } from '../../flow-rules.ts';
import { SeededRandom } from '../../random.ts';
import { World } from '../../world.ts';
import { applyPlan } from '../apply-plan.ts';
import { diskHandler } from '../disk-handler.ts';
import type { Fault } from '../fault.ts';

export const SENDER: Address = address('sender');
export const RECEIVER: Address = address('receiver');

/** A message that arrived at the receiver, or an acknowledgement that arrived at the sender. */
export interface Arrival {
  readonly to: Address;
  readonly atMs: number;
  readonly sentMs: number;
  readonly flow: number;
  readonly number: number;
  readonly isIntact: boolean;
  /** Of the receiver at that moment. */
  readonly life: number;
}

export interface Sample {
  readonly worldMs: number;
  readonly life: number;
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export interface Observed {
  readonly arrivals: readonly Arrival[];
  /** Every message that was sent, by flow and number. */
  readonly sent: readonly {
    readonly flow: number;
    readonly number: number;
    readonly opens: boolean;
  }[];
  readonly samples: ReadonlyMap<Address, readonly Sample[]>;
  /** What the receiver found in its file when it booted, and what it had written there last. */
  readonly found: readonly {
    readonly life: number;
    readonly found: number;
    readonly written: number;
  }[];
}

const RUN_MS = 1_200;
/** How long the sender waits for an acknowledgement before it opens another flow. */
const PATIENCE_MS = 60;
/** The flow of what the receiver sends of its own accord, every millisecond. */
const PULSE = 0;
const FILLER = 0x5a;
const FILE = '/receiver/count';

interface Notes {
  readonly arrivals: Arrival[];
  readonly sent: { flow: number; number: number; opens: boolean }[];
  readonly samples: Map<Address, Sample[]>;
  readonly found: { life: number; found: number; written: number }[];
  written: number;
}

/** `faults` are staged against SENDER and RECEIVER; everything heals at 1,000 ms. */
export async function probe(faults: readonly Fault[]): Promise<Observed> {
  const world = new World({ seed: '00000000000000f1', drain: macrotask });
  const disk = new SimulatedDisk({ random: new SeededRandom('00000000000000f2') });
  const notes: Notes = { arrivals: [], sent: [], samples: new Map(), found: [], written: 0 };
  world.network.setLatencies(SENDER, RECEIVER, [1]);
  world.network.setLatencies(RECEIVER, SENDER, [1]);
  world.addHost(RECEIVER, {
    disk,
    boot: (environment) => bootReceiver(world, environment, notes),
  });
  world.addHost(SENDER, { boot: (environment) => bootSender(world, environment, notes) });
  applyPlan(
    world,
    { healAtMs: 1_000, faults },
    { disk: diskHandler({ diskAt: () => disk }), flowOf: flowOfProbe },
  );
  await world.run({ until: () => false, deadlineMs: RUN_MS });
  return notes;
}

function bootReceiver(world: World, environment: Environment, notes: Notes): void {
  const { network, filesystem } = environment;
  const life = world.bootCountOf(RECEIVER);
  network.listen((from, bytes) => {
    notes.arrivals.push(arrivalOf(world, RECEIVER, bytes));
    network.send(from, stamped(bytes, world.nowMs));
  });
  void keepFile();
  const pulse = (): void => {
    const { nowMs } = world;
    network.send(SENDER, messageOf({ flow: PULSE, number: nowMs, sentMs: nowMs }));
    environment.clock.schedule(1, pulse);
  };
  pulse();
  sampleClock(world, RECEIVER, environment, notes);

  async function keepFile(): Promise<void> {
    environment.expectContinuations();
    await filesystem.makeDirectory('/receiver');
    await filesystem.sync('/');
    const found = await readCount(environment);
    notes.found.push({ life, found, written: notes.written });
    await filesystem.write(FILE, Uint8Array.of(0));
    await filesystem.sync(FILE);
    await filesystem.sync('/receiver');
    for (let count = 1; count < 200; count += 1) {
      await filesystem.write(FILE, Uint8Array.of(count));
      notes.written = count;
    }
  }
}

async function readCount({ filesystem }: Environment): Promise<number> {
  if ((await filesystem.status(FILE)) === undefined) return 0;
  return (await filesystem.read(FILE))[0] ?? 0;
}

function bootSender(world: World, environment: Environment, notes: Notes): void {
  const { network, clock } = environment;
  let flow = 1;
  let number = 0;
  let heardMs = 0;
  network.listen((_, bytes) => {
    const arrival = arrivalOf(world, SENDER, bytes);
    if (arrival.flow !== PULSE) heardMs = clock.now();
    notes.arrivals.push(arrival);
  });
  const tick = (): void => {
    if (clock.now() - heardMs > PATIENCE_MS) {
      flow += 1;
      number = 0;
      heardMs = clock.now();
    }
    const opens = number === 0;
    notes.sent.push({ flow, number, opens });
    network.send(RECEIVER, messageOf({ flow, number, sentMs: world.nowMs }));
    number += 1;
    clock.schedule(1, tick);
  };
  clock.schedule(1, tick);
  sampleClock(world, SENDER, environment, notes);
}

function sampleClock(world: World, host: Address, { clock }: Environment, notes: Notes): void {
  const samples = notes.samples.get(host) ?? [];
  notes.samples.set(host, samples);
  const life = world.bootCountOf(host);
  const tick = (): void => {
    const worldMs = world.nowMs;
    samples.push({ worldMs, life, monotonicMs: clock.now(), wallMs: clock.wallTime() });
    clock.schedule(1, tick);
  };
  tick();
}

function messageOf(message: {
  readonly flow: number;
  readonly number: number;
  readonly sentMs: number;
}): Uint8Array {
  const { flow, number, sentMs } = message;
  const head = [flow, number >> 8, number & 255, sentMs >> 8, sentMs & 255];
  return Uint8Array.from([...head, ...head, ...Array.from({ length: 8 }, () => FILLER)]);
}

/** An acknowledgement: the same message, sent now. */
function stamped(message: Uint8Array, nowMs: number): Uint8Array {
  const bytes = message.slice();
  for (const at of [3, 8]) bytes.set([nowMs >> 8, nowMs & 255], at);
  return bytes;
}

/** The head is there twice, so that one that was altered is recognized. */
function arrivalOf(world: World, to: Address, bytes: Uint8Array): Arrival {
  const [flow = 0, high = 0, low = 0, sentHigh = 0, sentLow = 0] = bytes;
  const isIntact =
    bytes.subarray(10).every((byte) => byte === FILLER) &&
    bytes.subarray(0, 5).every((byte, at) => byte === bytes[at + 5]);
  return {
    to,
    atMs: world.nowMs,
    sentMs: sentHigh * 256 + sentLow,
    flow,
    number: high * 256 + low,
    isIntact,
    life: world.bootCountOf(to),
  };
}

function flowOfProbe(bytes: Uint8Array): Flow {
  const [flow = 0, high = 0, low = 0] = bytes;
  return { names: [String(flow)], opens: high === 0 && low === 0 };
}
