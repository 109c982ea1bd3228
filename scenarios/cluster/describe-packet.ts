// Names a packet of the engine's transport in traces: which message, of which channel or
// checkpoint.

import { decodeEnvelope } from '../../engine/runtime/actor/envelope.ts';
import { decodePacket } from '../../engine/runtime/transport/packet.ts';

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
