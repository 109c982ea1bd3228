// The port between a simulated host and the disk below it. The world knows nothing of files; a disk
// knows nothing of events. A disk outlives the crashes of its host, a mount does not.

import type { FileSystem } from '../engine/environment/filesystem.ts';
import type { Address } from '../engine/environment/network.ts';

/** How simulated devices and services complete work on behalf of one incarnation of a host. */
export interface HostIo {
  /**
   * Resolves with `work`'s result after a simulated latency, as an event of that host; never if
   * the host crashes first. `work` runs at completion, synchronously, outside the ambient guard;
   * if it throws, the promise rejects. Equal completion times keep the order of the calls.
   */
  perform<T>(label: string, latencyMs: number, work: () => T): Promise<T>;
}

export interface DiskPort {
  /** Called once for each incarnation of `owner`, before it boots. */
  mount(owner: Address, io: HostIo): FileSystem;
  /** Power loss: decides what of the unsynchronized data of `owner` survives. */
  crash(owner: Address): void;
  /** The process died, its machine did not: what was written stays readable. */
  kill?(owner: Address): void;
}
