// Datagrams between hosts. The promise is weaker than TCP: a message may be lost, duplicated,
// delayed or reordered, and a link may break in one direction only. Whole messages arrive unaltered
// or not at all. Reliability is built above this, once, in the engine's transport.

/** Names a host, not a socket: `tm-1`. Equal strings are the same host, across its restarts. */
export type Address = string & { readonly brand: 'Address' };

export function address(name: string): Address {
  return name as Address;
}

export interface Network {
  /** The address of this host. */
  readonly local: Address;
  /** Sends and forgets. Never throws for an unreachable peer. `bytes` must not be changed later. */
  send(to: Address, bytes: Uint8Array): void;
  /** Sets the one receiver of this host. Messages that arrive before that are lost. */
  listen(receive: (from: Address, bytes: Uint8Array) => void): void;
}
