// A host: the unit that crashes. It boots into incarnations, each with a fresh Environment; what an
// incarnation held in memory, its timers and its promises die with it, its disk and its clock
// hardware do not. It decides nothing about when any of this happens.

import { assert, present } from '../engine/core/assert.ts';
import type { Environment } from '../engine/environment/environment.ts';
import type { Address } from '../engine/environment/network.ts';
import type { Random } from '../engine/environment/random.ts';
import { HostTime, SimulatedClock } from './clock.ts';
import type { DiskPort, HostIo } from './disk-port.ts';
import { KernelEvent } from './kernel/event.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { Endpoint, SimulatedNetwork } from './network.ts';
import { noFileSystem } from './no-filesystem.ts';
import { describeSegment } from './services/http-segment.ts';
import { type SimulatedEnvironment, withServices } from './services/host-services.ts';

export type HostState = 'up' | 'paused' | 'down';

export interface HostOptions {
  /**
   * The program of this host: runs at every boot, synchronously, and sets up receivers and timers.
   * `io` is for simulated services that complete work on behalf of this host.
   */
  readonly boot: (environment: SimulatedEnvironment, io: HostIo) => void;
  /** Without one, every use of files is a bug of the scenario. */
  readonly disk?: DiskPort;
  /** What its process finds in its variables; none by default. */
  readonly variables?: ReadonlyMap<string, string>;
  readonly clock?: { readonly wallOffsetMs?: number; readonly driftPpm?: number };
}

/** What every host of a world shares. */
export interface HostContext {
  readonly kernel: Kernel;
  readonly network: SimulatedNetwork;
  readonly random: Random;
  readonly startWallTimeMs: number;
}

export class SimulatedHost {
  readonly address: Address;
  readonly time: HostTime;
  readonly #index: number;
  readonly #options: HostOptions;
  readonly #context: HostContext;
  readonly #random: Random;
  #incarnation: Endpoint | undefined;
  #bootCount = 0;

  constructor(address: Address, index: number, options: HostOptions, context: HostContext) {
    this.address = address;
    this.#index = index;
    this.#options = options;
    this.#context = context;
    this.#random = context.random.fork(`host/${address}`);
    this.time = new HostTime(context.kernel, {
      wallMs: context.startWallTimeMs + (options.clock?.wallOffsetMs ?? 0),
      driftPpm: options.clock?.driftPpm ?? 0,
    });
  }

  get state(): HostState {
    if (this.#incarnation === undefined) return 'down';
    return this.#incarnation.isPaused ? 'paused' : 'up';
  }

  /** Boots so far; the number of the present incarnation, counted from 1. */
  get bootCount(): number {
    return this.#bootCount;
  }

  get endpoint(): Endpoint | undefined {
    return this.#incarnation;
  }

  boot(): void {
    assert(this.#incarnation === undefined, `Cannot boot host "${this.address}": it is up`);
    this.#bootCount += 1;
    const endpoint: Endpoint = {
      address: this.address,
      index: this.#index,
      name: this.address,
      isHost: true,
      isAlive: true,
      isPaused: false,
      held: [],
      receive: undefined,
    };
    this.#incarnation = endpoint;
    const { kernel } = this.#context;
    kernel.enqueue(0, new KernelEvent(endpoint, 'boot', 'boot', () => this.#start(endpoint)));
  }

  /** Ends the present incarnation; `boot` begins the next. */
  stop(how: 'power-loss' | 'kill'): void {
    const endpoint = present(this.#incarnation, `Cannot stop host "${this.address}": it is down`);
    this.#incarnation = undefined;
    const { kernel } = this.#context;
    kernel.kill(endpoint);
    const { disk } = this.#options;
    kernel.scope.unguarded(() => {
      if (how === 'kill') disk?.kill?.(this.address);
      else disk?.crash(this.address);
    });
  }

  pause(): void {
    assert(this.state === 'up', `Cannot pause host "${this.address}": it is ${this.state}`);
    present(this.#incarnation, 'Cannot pause nothing').isPaused = true;
  }

  wake(): void {
    assert(this.state === 'paused', `Cannot wake host "${this.address}": it is ${this.state}`);
    this.#context.kernel.wake(present(this.#incarnation, 'Cannot wake nothing'));
  }

  #start(endpoint: Endpoint): void {
    const { kernel, network } = this.#context;
    const io: HostIo = {
      perform: (label, latencyMs, work) => kernel.perform(endpoint, label, latencyMs, work),
    };
    const mounted = kernel.scope.unguarded(() => this.#options.disk?.mount(this.address, io));
    const environment: Environment = {
      clock: new SimulatedClock(kernel, endpoint, this.time),
      network: network.attach(endpoint),
      filesystem: mounted ?? noFileSystem(this.address),
      random: this.#random.fork(String(this.#bootCount)),
      expectContinuations: () => kernel.drainAfterStep(),
    };
    const segments = network.attachSegments(endpoint, describeSegment);
    const variables = this.#options.variables ?? new Map<string, string>();
    const park = (label: string) => kernel.park(endpoint, label);
    this.#options.boot(withServices(environment, { segments, variables, park }), io);
  }
}
