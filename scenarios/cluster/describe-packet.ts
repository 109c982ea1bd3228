// Says what a packet of the engine's transport is: in traces which message, of which channel or
// checkpoint; to faults which connection.

import { decodeEnvelope } from '../../engine/runtime/actor/envelope.ts';
import { decodePacket } from '../../engine/runtime/transport/packet.ts';
import type { Flow } from '../../simulator/index.ts';

/** A connection is named by the ids of both ends, as far as they are known to each other. */
export function flowOfPacket(bytes: Uint8Array): Flow | undefined {
  const packet = decodePacket(bytes);
  if (packet === undefined || packet.kind === 'datagram' || packet.kind === 'poke')
    return undefined;
  const ids = [packet.source, packet.target].filter((id) => id !== 0);
  const opens = packet.kind === 'hello' || packet.kind === 'welcome';
  return { names: ids.map((id) => id.toString(16)), opens };
}

export function describePacket(bytes: Uint8Array): string {
  const packet = decodePacket(bytes);
  if (packet === undefined) return 'unknown packet';
  if (packet.kind !== 'data' && packet.kind !== 'datagram') return packet.kind;
  const { to, message } = decodeEnvelope(packet.payload);
  const text = describeMessage(message);
  return packet.kind === 'data' ? `${text} to ${to} (${packet.sequence})` : `${text} to ${to}`;
}

const SHOWN = ['checkpoint', 'attempt', 'state', 'edge', 'sequence', 'credit', 'leaderEpoch'];

function describeMessage(message: unknown): string {
  if (typeof message !== 'object' || message === null) return typeof message;
  const fields = new Map<string, unknown>(Object.entries(message));
  const shown = SHOWN.flatMap((name) => {
    const value = fields.get(name);
    return value === undefined ? [] : [`${name}=${textOf(value)}`];
  });
  return [textOf(fields.get('kind')), ...shown].join(' ');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
