// A message on its way to an actor of another host: its name, then the message as plain data.

import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import { genericSerializer } from '../../stream/serializers/generic-serializer.ts';

export interface Envelope {
  readonly to: string;
  readonly message: unknown;
}

export function encodeEnvelope(to: string, message: unknown): Uint8Array {
  const writer = new ByteWriter();
  writer.writeString(to);
  genericSerializer.serialize(message, writer);
  return writer.take();
}

export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const reader = new ByteReader(bytes);
  const to = reader.readString();
  return { to, message: genericSerializer.deserialize(reader) };
}
