// A disk without a world around it: every call completes at once. For tests and benchmarks of the
// disk alone; latency and order of completion belong to the kernel.

import type { FileSystem } from '../../engine/environment/filesystem.ts';
import { type Address, address } from '../../engine/environment/network.ts';
import { SeededRandom } from '../../engine/environment/seeded-random.ts';
import type { HostIo } from '../disk-port.ts';
import { SimulatedDisk, type SimulatedDiskOptions } from './simulated-disk.ts';
import type { CrashOutcome } from './volume.ts';

export const immediateIo: HostIo = {
  perform: (_label, _latencyMs, work) => new Promise((resolve) => resolve(work())),
};

export class DiskBench {
  readonly disk: SimulatedDisk;

  constructor(seed: string, options: Partial<SimulatedDiskOptions> = {}) {
    this.disk = new SimulatedDisk({ random: new SeededRandom(seed), ...options });
  }

  mount(host = 'host'): FileSystem {
    return this.disk.mount(address(host), immediateIo);
  }

  /** Power loss and reboot: the files as the next incarnation finds them. */
  reboot(host = 'host'): FileSystem {
    this.crash(address(host));
    return this.mount(host);
  }

  crash(host: Address = address('host')): CrashOutcome {
    return this.disk.crash(host);
  }
}
