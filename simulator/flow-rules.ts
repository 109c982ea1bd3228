// Rules that know connections: what a device between two hosts does that keeps a table of them.

import type { Packet, Rule } from './network-rules.ts';

/** What a message says about the connection that it belongs to. */
export interface Flow {
  /** Names of the connection, at least one; two messages of one connection share a name. */
  readonly names: readonly string[];
  /** It asks for a new connection, or grants one. */
  readonly opens: boolean;
}

/**
 * A device on the way that has lost its table of connections: what belongs to an older one vanishes
 * and nobody is told; new ones pass. Messages of no connection pass.
 */
export function forgetful(flowOf: (packet: Packet) => Flow | undefined): Rule {
  const known = new Set<string>();
  return (packet) => {
    const flow = flowOf(packet);
    if (flow === undefined) return { kind: 'pass' };
    if (!flow.opens && !flow.names.some((name) => known.has(name))) return { kind: 'drop' };
    for (const name of flow.names) known.add(name);
    return { kind: 'pass' };
  };
}
