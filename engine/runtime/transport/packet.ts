// The packets of the transport, as bytes. `source` and `target` are connection ids: fresh random
// numbers of the two ends, so a packet proves which connection, and which life of a host, it is of.
// Behind it goes a checksum: what a network has altered is as good as lost, and is sent again.

import { crc32c } from '../../core/crc32c.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';

const KINDS = ['hello', 'welcome', 'poke', 'reset', 'ack', 'data', 'datagram'] as const;
export type PacketKind = (typeof KINDS)[number];

export interface Packet {
  readonly kind: PacketKind;
  /** Connection id of the sending end; 0 where it has none. */
  readonly source: number;
  /** Connection id of the receiving end, as far as the sender knows it; else 0. */
  readonly target: number;
  /** Of 'data': from 1, without gaps. */
  readonly sequence: number;
  /** All data up to here has arrived. */
  readonly acknowledged: number;
  readonly payload: Uint8Array;
}

const CHECKSUM_BYTES = 4;
const NO_PAYLOAD = new Uint8Array(0);

export function packet(kind: PacketKind, fields: Partial<Packet>): Packet {
  return {
    kind,
    source: 0,
    target: 0,
    sequence: 0,
    acknowledged: 0,
    payload: NO_PAYLOAD,
    ...fields,
  };
}

export function encodePacket(packet: Packet): Uint8Array {
  const writer = new ByteWriter();
  writer.writeU8(KINDS.indexOf(packet.kind));
  writer.writeVarint(packet.source);
  writer.writeVarint(packet.target);
  writer.writeVarint(packet.sequence);
  writer.writeVarint(packet.acknowledged);
  writer.writeBytes(packet.payload);
  writer.writeU32(crc32c(writer.written()));
  return writer.take();
}

/** Undefined for what is no packet, or was altered on its way. */
export function decodePacket(bytes: Uint8Array): Packet | undefined {
  const content = bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM_BYTES));
  const checksum = new ByteReader(bytes.subarray(content.length));
  if (checksum.remaining < CHECKSUM_BYTES || checksum.readU32() !== crc32c(content)) {
    return undefined;
  }
  const reader = new ByteReader(content);
  const kind = KINDS[reader.readU8()];
  if (kind === undefined) return undefined;
  return {
    kind,
    source: reader.readVarint(),
    target: reader.readVarint(),
    sequence: reader.readVarint(),
    acknowledged: reader.readVarint(),
    payload: reader.readBytes(),
  };
}
