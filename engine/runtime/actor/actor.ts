// Actors: a mailbox each and one synchronous `receive`. No actor calls into another; everything
// that reaches one, from the network, a timer or finished I/O, arrives as a mail.

import type { Address } from '../../environment/network.ts';

/** A named actor on a host. Names are never reused by different attempts of a task. */
export interface ActorRef {
  readonly host: Address;
  readonly name: string;
}

export interface Actor {
  /** Must not throw for anything that arrives from outside; a throw stops the host. */
  receive(mail: unknown): void;
}

export function refersTo(a: ActorRef, b: ActorRef): boolean {
  return a.host === b.host && a.name === b.name;
}
