// The hosts for a job whose keyed state is compared with a model: a JobManager, two TaskManagers,
// the volume they share, and the services of one backend. Runs asynchronous work as steps of a
// host, and lets the world go on until it is done. Nothing goes wrong that nobody does.

import { present } from '../../../engine/core/assert.ts';
import { type Address, address } from '../../../engine/environment/network.ts';
import type { Outcome } from '../../../engine/runtime/actor/actor-system.ts';
import { LocalDirectory } from '../../../engine/runtime/local-directory.ts';
import {
  describeOutcome,
  macrotask,
  type Seed,
  SimulatedDisk,
  type SimulatedEnvironment,
  World,
} from '../../../simulator/index.ts';
import type { BackendProfile, OpenBackend } from '../../cluster/backends/backend-profile.ts';
import { localDirectoryOf } from '../../cluster/backends/local-disk.ts';
import { JOB_MANAGER } from '../../cluster/hosts.ts';
import { MODEL_JOB } from './model-graph.ts';

export const TASK_MANAGERS: readonly Address[] = ['tm-1', 'tm-2'].map(address);

/** From one boot to the next. */
export interface HostLife {
  readonly host: Address;
  readonly environment: SimulatedEnvironment;
  /** Undefined where the backend wants no local disk. */
  readonly local: LocalDirectory | undefined;
}

/** Longer than all that retries, and any timeout of a checkpoint, may take. */
const PATIENCE_MS = 3_600_000;

export class ModelStage {
  readonly world: World;
  readonly profile: BackendProfile;
  /** The volume of the cluster. */
  readonly disk: SimulatedDisk;
  readonly #lives = new Map<Address, HostLife>();

  constructor(seed: Seed, open: OpenBackend) {
    this.world = new World({ seed, drain: macrotask });
    this.disk = new SimulatedDisk({ random: this.world.random.fork('disk') });
    this.profile = open({ world: this.world, disk: this.disk, job: () => MODEL_JOB });
    for (const host of [JOB_MANAGER, ...TASK_MANAGERS]) {
      const boot = (environment: SimulatedEnvironment): void => {
        this.#lives.set(host, { host, environment, local: this.#localOf(host, environment) });
      };
      this.world.addHost(host, { disk: this.disk, boot });
    }
  }

  async start(): Promise<void> {
    await this.pass(this.profile.readyAfterMs + 1);
  }

  /** The present one. */
  lifeOf(host: Address): HostLife {
    return present(this.#lives.get(host), `Cannot use ${host}: it is down`);
  }

  /** Ends the lives of these hosts at one moment, and begins new ones. */
  async restart(hosts: readonly Address[], how: 'crash' | 'kill'): Promise<void> {
    for (const host of hosts) {
      this.world[how](host);
      this.#lives.delete(host);
    }
    for (const host of hosts) this.world.restart(host);
    await this.until('the hosts are up', () => hosts.every((host) => this.#lives.has(host)));
    for (const host of hosts) {
      const life = this.lifeOf(host);
      await this.perform(life, async () => life.local?.removeLeftovers());
    }
  }

  /** Runs it as a step of the host; what it rejects with is thrown. */
  async perform<T>(life: HostLife, operation: () => Promise<T>): Promise<T> {
    const outcome = await this.attempt(life, operation);
    if (outcome.kind === 'failed') throw outcome.cause;
    return outcome.value;
  }

  async attempt<T>(life: HostLife, operation: () => Promise<T>): Promise<Outcome<T>> {
    const outcomes: Outcome<T>[] = [];
    this.io(life, operation, (outcome) => outcomes.push(outcome));
    await this.until(`${life.host} is done`, () => outcomes.length > 0);
    return present(outcomes[0], 'An operation that is over has no outcome');
  }

  /** Begins it as a step of the host. Nothing comes of it if the host does not live that long. */
  io<T>(life: HostLife, operation: () => Promise<T>, done: (outcome: Outcome<T>) => void): void {
    const run = async (): Promise<void> => done(await outcomeOf(operation));
    this.post(life, 0, () => void run());
  }

  /** As a step of the host; never, if this life is over by then. */
  post({ environment }: HostLife, delayMs: number, run: () => void): void {
    environment.clock.schedule(delayMs, () => {
      environment.expectContinuations();
      run();
    });
  }

  async pass(ms: number): Promise<void> {
    let isOver = false;
    this.world.at(this.world.nowMs + ms, 'time has passed', () => {
      isOver = true;
    });
    await this.until(`${ms} ms have passed`, () => isOver);
  }

  async until(what: string, isReached: () => boolean): Promise<void> {
    const deadlineMs = this.world.nowMs + PATIENCE_MS;
    const outcome = await this.world.run({ until: isReached, deadlineMs });
    if (outcome.kind === 'reached') return;
    if (outcome.kind === 'host-threw') throw outcome.failure.error;
    throw new Error(`Waited in vain until ${what}: ${describeOutcome(outcome)}`);
  }

  #localOf(host: Address, { filesystem }: SimulatedEnvironment): LocalDirectory | undefined {
    if (!this.profile.hasLocalDisks) return undefined;
    const life = `life-${this.world.bootCountOf(host)}`;
    return new LocalDirectory(filesystem, localDirectoryOf(host), life);
  }
}

async function outcomeOf<T>(operation: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'done', value: await operation() };
  } catch (cause) {
    return { kind: 'failed', cause };
  }
}
