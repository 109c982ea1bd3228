// Carries out the service faults of a plan on the HTTP services of simulated hosts.

import type { Address } from '../../engine/environment/network.ts';
import type { ServiceFaults } from '../services/service-faults.ts';
import type { FaultHandlers } from './apply-plan.ts';

/** `faultsAt` gives the faults of the service on a host, if there is one. */
export function serviceHandler(
  faultsAt: (host: Address) => ServiceFaults | undefined,
): NonNullable<FaultHandlers['service']> {
  return (fault, injected, random) => {
    const effect = fault.kind === 'http-error' ? fault.answer : 'lost';
    const begun = faultsAt(fault.host)?.begin({ effect, oneIn: fault.oneIn, random, injected });
    return begun ?? (() => undefined);
  };
}
