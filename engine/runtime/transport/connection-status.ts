// What one reliable connection says of itself when somebody asks why nothing comes through.

import type { Address } from '../../environment/network.ts';

export interface ConnectionStatus {
  readonly peer: Address;
  readonly isOpen: boolean;
  /** Messages that the peer has not confirmed. */
  readonly unacknowledged: number;
  /** Since it confirmed one, or since the first of them was sent. */
  readonly forMs: number;
}
