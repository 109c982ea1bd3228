// Carries out the disk faults of a plan on simulated disks. Strikes are counted when a window ends;
// where windows of one kind overlap on one disk, their sum is right and its division is not.

import type { Address } from '../../engine/environment/network.ts';
import type { DiskFaults, FaultHandle, FaultScope } from '../filesystem/disk-faults.ts';
import type { FaultHandlers } from './apply-plan.ts';
import type { DiskFault } from './fault.ts';

/** `faultsAt` gives the faults of the disk that a host uses; hosts may share one, or have none. */
export function diskHandler(
  faultsAt: (host: Address) => DiskFaults | undefined,
): NonNullable<FaultHandlers['disk']> {
  const counted = new Map<DiskFaults, Map<string, number>>();
  return (fault, injected) => {
    const faults = faultsAt(fault.host);
    if (faults === undefined) return () => undefined;
    const handle = begin(faults, fault);
    return () => {
      handle.heal();
      const before = counted.get(faults) ?? new Map<string, number>();
      const strikes = faults.counters().get(fault.kind) ?? 0;
      for (let count = before.get(fault.kind) ?? 0; count < strikes; count += 1) injected();
      counted.set(faults, before.set(fault.kind, strikes));
    };
  };
}

function begin(faults: DiskFaults, { kind, pathPrefix, oneIn }: DiskFault): FaultHandle {
  const scope: FaultScope = { prefix: pathPrefix, probability: 1 / oneIn };
  switch (kind) {
    case 'sync-failure':
      return faults.syncFailure(scope);
    case 'no-space':
      return faults.noSpace(scope);
    case 'io-error':
      return faults.ioError(scope);
  }
}
