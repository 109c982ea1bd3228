// Steps over values whose serializer is gone, by the snapshot it left behind: a field that was
// removed from a struct still stands in old bytes. Works for the serializers of this package; a
// user's own leaves nothing that could be followed.

import { unreachable } from '../../core/assert.ts';
import type { ByteReader } from '../byte-reader.ts';
import type { SerializerSnapshot } from '../type-serializer.ts';
import { decodeValue } from './generic-decode.ts';

const LEAVES = ['generic', 'string', 'bytes', 'int', 'long', 'double', 'boolean', 'void'] as const;
const CONTAINERS = ['list', 'map', 'tuple', 'optional', 'struct'] as const;
type Leaf = (typeof LEAVES)[number];
type Container = (typeof CONTAINERS)[number];

export function canSkip(written: SerializerSnapshot): boolean {
  if (written.version !== 1) return false;
  return isLeaf(written.id) || (isContainer(written.id) && partsOf(written).every(canSkip));
}

/** Requires canSkip(written). */
export function skipWritten(written: SerializerSnapshot, input: ByteReader): void {
  const { id } = written;
  if (isLeaf(id)) return skipLeaf(id, input);
  if (isContainer(id)) return skipContainer(id, partsOf(written), input);
  input.fail(`no way over a value of "${id}"`);
}

function isLeaf(id: string): id is Leaf {
  return (LEAVES as readonly string[]).includes(id);
}

function isContainer(id: string): id is Container {
  return (CONTAINERS as readonly string[]).includes(id);
}

function partsOf(written: SerializerSnapshot): readonly SerializerSnapshot[] {
  return written.fields?.map((field) => field.type) ?? written.elements ?? [];
}

function skipLeaf(id: Leaf, input: ByteReader): void {
  switch (id) {
    case 'generic':
      decodeValue(input, 0);
      return;
    case 'string':
    case 'bytes':
      input.readRaw(input.readLength());
      return;
    case 'int':
    case 'long':
      input.readSignedVarint();
      return;
    case 'double':
      input.readF64();
      return;
    case 'boolean':
      input.readU8();
      return;
    case 'void':
      return;
    default:
      unreachable(id);
  }
}

function skipContainer(
  id: Container,
  parts: readonly SerializerSnapshot[],
  input: ByteReader,
): void {
  switch (id) {
    case 'tuple':
    case 'struct':
      return skipEach(parts, input);
    case 'optional':
      return input.readU8() === 2 ? skipEach(parts, input) : undefined;
    case 'list':
    case 'map':
      for (let left = input.readVarint(); left > 0; left--) skipEach(parts, input);
      return;
    default:
      unreachable(id);
  }
}

function skipEach(parts: readonly SerializerSnapshot[], input: ByteReader): void {
  for (const part of parts) skipWritten(part, input);
}
