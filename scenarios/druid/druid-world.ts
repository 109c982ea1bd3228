// A world with one Druid and hosts that keep checkpoints in it, for tests that look at the storage
// alone: without a job, each call a step of its host. What goes wrong is the test's to say.

import type { DruidBench } from '../../engine/checkpoint/druid/testing/druid-job.ts';
import { present } from '../../engine/core/assert.ts';
import type { Environment } from '../../engine/environment/environment.ts';
import { type Address, address } from '../../engine/environment/network.ts';
import { SimulatedDisk } from '../../simulator/filesystem/simulated-disk.ts';
import { macrotask } from '../../simulator/kernel/macrotask.ts';
import { describeOutcome } from '../../simulator/kernel/outcome.ts';
import { SeededRandom } from '../../simulator/random.ts';
import { bootDruid } from '../../simulator/services/druid/boot-druid.ts';
import type { SimulatedDruidOptions } from '../../simulator/services/druid/simulated-druid.ts';
import { ServiceFaults } from '../../simulator/services/service-faults.ts';
import { World } from '../../simulator/world.ts';

export interface DruidWorldOptions {
  readonly seed?: string;
  readonly druid?: SimulatedDruidOptions;
}

const DEADLINE_MS = 3_600_000;

export class DruidWorld {
  readonly druid = address('druid');
  readonly faults = new ServiceFaults();
  readonly world: World;
  readonly disk: SimulatedDisk;
  readonly #environments = new Map<Address, Environment>();

  constructor(options: DruidWorldOptions = {}) {
    const seed = options.seed ?? '00000000000d00d1';
    this.world = new World({ seed, drain: macrotask });
    this.disk = new SimulatedDisk({ random: new SeededRandom(seed).fork('disk') });
    this.world.addHost(this.druid, {
      disk: this.disk,
      boot: (environment) => bootDruid(environment, options.druid, { faults: this.faults }),
    });
  }

  /** Of a host of this name, which is added when it is first asked for. */
  async bench(name = 'jm-1'): Promise<DruidBench> {
    const host = address(name);
    if (!this.world.hosts.includes(host)) {
      const boot = (environment: Environment) => this.#environments.set(host, environment);
      this.world.addHost(host, { boot });
      await this.world.run({ until: () => this.#environments.has(host), deadlineMs: DEADLINE_MS });
    }
    const environment = present(this.#environments.get(host), `Cannot use "${name}": not booted`);
    return {
      environment,
      options: { url: 'http://druid:8888' },
      settle: (promise) => this.settle(promise),
    };
  }

  /** Lets time pass, whatever happens in it. */
  async pass(ms: number): Promise<void> {
    let isOver = false;
    this.world.at(this.world.nowMs + ms, 'time has passed', () => {
      isOver = true;
    });
    await this.world.run({ until: () => isOver, deadlineMs: this.world.nowMs + ms });
  }

  async settle<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const noted = () => {
      isSettled = true;
    };
    promise.then(noted, noted);
    const deadlineMs = this.world.nowMs + DEADLINE_MS;
    const outcome = await this.world.run({ until: () => isSettled, deadlineMs });
    if (outcome.kind !== 'reached') throw new Error(describeOutcome(outcome));
    return promise;
  }
}
