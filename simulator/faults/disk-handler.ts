// Carries out the disk faults of a plan on simulated disks. Strikes are counted when a window ends;
// where windows of one kind overlap on one disk, their sum is right and its division is not.

import type { Address } from '../../engine/environment/network.ts';
import type { FaultHandle, FaultScope } from '../filesystem/disk-faults.ts';
import type { SimulatedDisk } from '../filesystem/simulated-disk.ts';
import type { FaultHandlers } from './apply-plan.ts';
import type { DiskFault } from './fault.ts';

export interface DiskHandlerOptions {
  /** The disk that a host uses; hosts may share one, or have none. */
  readonly diskAt: (host: Address) => SimulatedDisk | undefined;
  /** Told of every file whose bytes are no longer what was stored. */
  readonly damaged?: (path: string) => void;
}

export function diskHandler(options: DiskHandlerOptions): NonNullable<FaultHandlers['disk']> {
  const { diskAt, damaged = () => undefined } = options;
  const counted = new Map<SimulatedDisk, Map<string, number>>();
  return (fault, injected) => {
    const disk = diskAt(fault.host);
    if (disk === undefined) return () => undefined;
    if (fault.kind === 'bit-rot') {
      const path = disk.rot(fault.pathPrefix);
      if (path === undefined) return () => undefined;
      damaged(path);
      injected();
      return () => undefined;
    }
    const handle = begin(disk, fault, damaged);
    if (fault.kind === 'slow-disk') injected();
    return () => {
      handle.heal();
      const before = counted.get(disk) ?? new Map<string, number>();
      const strikes = disk.faults.counters().get(fault.kind) ?? 0;
      for (let count = before.get(fault.kind) ?? 0; count < strikes; count += 1) injected();
      counted.set(disk, before.set(fault.kind, strikes));
    };
  };
}

function begin(
  { faults }: SimulatedDisk,
  fault: Exclude<DiskFault, { kind: 'bit-rot' }>,
  damaged: (path: string) => void,
): FaultHandle {
  if (fault.kind === 'slow-disk') return faults.slow(fault.factor);
  const { kind, pathPrefix, oneIn } = fault;
  const scope: FaultScope = { prefix: pathPrefix, probability: 1 / oneIn };
  switch (kind) {
    case 'sync-failure':
      return faults.syncFailure(scope);
    case 'no-space':
      return faults.noSpace(scope);
    case 'io-error':
      return faults.ioError(scope);
    default:
      return faults.silently(kind, { ...scope, damaged });
  }
}
