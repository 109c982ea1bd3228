// A world: hosts, their network and clocks, on one kernel, from one seed. The same seed, hosts and
// actions give the same steps and the same digest on every machine. It offers what can go wrong as
// methods and never uses them by itself; plans of faults are drawn and applied elsewhere.

import { assert, present } from '../engine/core/assert.ts';
import type { Address } from '../engine/environment/network.ts';
import type { Random } from '../engine/environment/random.ts';
import type { Mark } from './faults/fault.ts';
import { SimulatedHost, type HostOptions, type HostState } from './host.ts';
import { KernelEvent, type Owner, type StepKind } from './kernel/event.ts';
import { type Goal, Kernel, type KernelOptions } from './kernel/kernel.ts';
import type { Outcome, Parked } from './kernel/outcome.ts';
import { openScope } from './kernel/scope.ts';
import { SimulatedNetwork } from './network.ts';
import { isSeed, SeededRandom, type Seed } from './random.ts';
import { RareChoices } from './rare-choices.ts';
import { chooserOf, FIFO, type SchedulePolicy } from './schedule/policy.ts';
import type { TraceEntry } from './trace.ts';

export interface WorldOptions extends Omit<KernelOptions, 'choose'> {
  readonly seed: Seed;
  /** In which order events run that are ready at the same time. Default: first in, first out. */
  readonly schedule?: SchedulePolicy;
  /** Instead of chance that follows from the seed alone. */
  readonly random?: Random;
  /** Says in recordings what a message is; not asked unless something is recorded. */
  readonly describe?: (bytes: Uint8Array) => string;
  /** What a right clock shows when virtual time is 0. */
  readonly startWallTimeMs?: number;
}

/** A mark that was announced. */
export interface ReachedMark extends Mark {
  readonly timeMs: number;
}

interface AwaitedMark {
  readonly mark: string;
  readonly nth: number;
  readonly action: () => void;
}

/** 2020-09-13T12:26:40Z: a fixed date, long after any epoch a bug could mistake it for. */
const DEFAULT_START_WALL_TIME_MS = 1_600_000_000_000;

export class World {
  readonly seed: Seed;
  /** The root of chance; fork it by a label of your own. */
  readonly random: Random;
  readonly network: SimulatedNetwork;
  readonly schedule: SchedulePolicy;
  readonly #kernel: Kernel;
  readonly #rareChoices = new RareChoices();
  readonly #hosts = new Map<Address, SimulatedHost>();
  readonly #startWallTimeMs: number;
  readonly #markCounts = new Map<string, number>();
  readonly #awaited: AwaitedMark[] = [];
  readonly #reached: ReachedMark[] = [];
  readonly #owner: Owner = {
    index: 0,
    name: 'world',
    isHost: false,
    isAlive: true,
    isPaused: false,
    held: [],
  };

  constructor(options: WorldOptions) {
    assert(isSeed(options.seed), `Cannot use seed "${options.seed}": not 16 hexadecimal digits`);
    this.seed = options.seed;
    this.random = options.random ?? new SeededRandom(options.seed);
    this.schedule = options.schedule ?? FIFO;
    const choose = chooserOf(this.schedule, this.random.fork('schedule'));
    const scope = this.#rareChoices.during(options.scope ?? openScope);
    this.#kernel = new Kernel({ ...options, scope, ...(choose === undefined ? {} : { choose }) });
    if (choose !== undefined) this.#kernel.note(`schedule: ${JSON.stringify(this.schedule)}`);
    this.#startWallTimeMs = options.startWallTimeMs ?? DEFAULT_START_WALL_TIME_MS;
    this.network = new SimulatedNetwork({
      kernel: this.#kernel,
      random: this.random.fork('network'),
      endpointAt: (address) => this.#hosts.get(address)?.endpoint,
      ...(options.describe === undefined ? {} : { describe: options.describe }),
    });
  }

  get nowMs(): number {
    return this.#kernel.nowMs;
  }

  get step(): number {
    return this.#kernel.step;
  }

  /** 16 hexadecimal digits over everything that happened; FoundationDB calls it the unseed. */
  get digest(): string {
    return this.#kernel.trace.digest;
  }

  get hosts(): readonly Address[] {
    return [...this.#hosts.keys()];
  }

  /** What was recorded, if recording is on. */
  entries(): readonly TraceEntry[] {
    return this.#kernel.trace.entries();
  }

  /** Who waits for what at this moment. */
  parked(): readonly Parked[] {
    return this.#kernel.parked();
  }

  /** Adds a host; it boots at the present virtual time, in the order in which hosts were added. */
  addHost(address: Address, options: HostOptions): void {
    assert(!this.#hosts.has(address), `Cannot add host "${address}": there is one already`);
    const host = new SimulatedHost(address, this.#hosts.size + 1, options, {
      kernel: this.#kernel,
      network: this.network,
      random: this.random,
      startWallTimeMs: this.#startWallTimeMs,
    });
    this.#hosts.set(address, host);
    host.boot();
  }

  stateOf(address: Address): HostState {
    return this.#host(address).state;
  }

  /** Boots so far of this host. */
  bootCountOf(address: Address): number {
    return this.#host(address).bootCount;
  }

  /** Runs `action` as a step of the world at a virtual time that is not past. */
  at(timeMs: number, label: string, action: () => void, kind: StepKind = 'action'): void {
    assert(timeMs >= this.nowMs, `Cannot act at ${timeMs} ms: it is ${this.nowMs} ms`);
    const event = new KernelEvent(this.#owner, kind, label, action);
    this.#kernel.enqueue(timeMs - this.nowMs, event);
  }

  /** Power loss: memory, timers, promises and unsynchronized data are gone. The host must be up. */
  crash(address: Address): void {
    this.#kernel.note(`crash ${address}`);
    this.#host(address).stop('power-loss');
  }

  /** Kills the process but not its machine: as `crash`, but files stay as they were seen. */
  kill(address: Address): void {
    this.#kernel.note(`kill ${address}`);
    this.#host(address).stop('kill');
  }

  /** Boots a host that is down. */
  restart(address: Address): void {
    this.#kernel.note(`restart ${address}`);
    this.#host(address).boot();
  }

  /** Freezes a host: a long garbage collection, a stopped virtual machine. It does not notice. */
  pause(address: Address): void {
    this.#kernel.note(`pause ${address}`);
    this.#host(address).pause();
  }

  /** Lets a paused host catch up on everything that came due: now it may be a zombie. */
  wake(address: Address): void {
    this.#kernel.note(`wake ${address}`);
    this.#host(address).wake();
  }

  /** Cuts the way from one host to another, and back if asked; returns how to heal it. */
  partition(from: Address, to: Address, isTwoWay = true): () => void {
    this.#kernel.note(`cut ${from} ${isTwoWay ? 'and' : 'to'} ${to}`);
    const cuts = [this.network.cut(from, to)];
    if (isTwoWay) cuts.push(this.network.cut(to, from));
    return () => {
      this.#kernel.note(`heal ${from} ${isTwoWay ? 'and' : 'to'} ${to}`);
      for (const heal of cuts) heal();
    };
  }

  /** Sets the date of a host forwards or backwards. */
  stepClock(address: Address, byMs: number): void {
    this.#kernel.note(`step clock of ${address} by ${byMs} ms`);
    this.#host(address).time.stepWall(byMs);
  }

  /** Lets the date of a host stand still; returns what lets it go on, as if it had never stood. */
  freezeClock(address: Address): () => void {
    this.#kernel.note(`freeze clock of ${address}`);
    return this.#host(address).time.freezeWall();
  }

  /** Sets the date of a host by `byMs`, spread over the next `overMs`. */
  slewClock(address: Address, byMs: number, overMs: number): void {
    this.#kernel.note(`slew clock of ${address} by ${byMs} ms`);
    this.#host(address).time.slewWall(byMs, overMs);
  }

  /** Lets the clocks of a host run fast (positive) or slow, in parts per million. */
  driftClock(address: Address, ppm: number): void {
    this.#kernel.note(`drift clock of ${address} by ${ppm} ppm`);
    this.#host(address).time.setDrift(ppm);
  }

  /**
   * Has the engine ask `decide` each time it passes `site` on any host: true, and it does what it
   * hardly ever does. Returns what ends it.
   */
  chooseRarely(site: string, decide: () => boolean): () => void {
    this.#kernel.note(`rare choice: ${site}`);
    return this.#rareChoices.add(site, decide);
  }

  /** Runs `action` right before the step of this number, between two steps of the world. */
  beforeStep(step: number, action: () => void): void {
    this.#kernel.beforeStep(step, action);
  }

  /** Announces a point of the run, such as `checkpoint-completed`, that faults may be tied to. */
  mark(name: string): void {
    const count = (this.#markCounts.get(name) ?? 0) + 1;
    this.#markCounts.set(name, count);
    this.#reached.push({ mark: name, nth: count, timeMs: this.nowMs });
    const waiting = this.#awaited.filter((awaited) => awaited.mark === name);
    for (const { nth, action } of waiting) if (nth === count) action();
  }

  /** Every mark that was announced so far, in order. */
  get marks(): readonly ReachedMark[] {
    return this.#reached;
  }

  /** Runs `action` inside the call that announces `mark` for the `nth` time, counted from 1. */
  onMark(mark: string, nth: number, action: () => void): void {
    this.#awaited.push({ mark, nth, action });
  }

  /** Adds a remark to the recording; the digest does not change. */
  note(text: string): void {
    this.#kernel.note(text);
  }

  /** For the harness in a step of a host: what `work` does is not the program's doing. */
  unguarded<T>(work: () => T): T {
    return this.#kernel.scope.unguarded(work);
  }

  /** Ends the run with an error that surfaced outside an event: an unhandled rejection. */
  fail(error: unknown): void {
    this.#kernel.fail(error);
  }

  /** Runs until the goal is met or cannot be; may be called again to go on from there. */
  run(goal: Goal): Promise<Outcome> {
    return this.#kernel.run(goal);
  }

  #host(address: Address): SimulatedHost {
    return present(this.#hosts.get(address), `Cannot find host "${address}": it was never added`);
  }
}
