// The bytes of a heap snapshot, version 1:
//   header   magic u32, version u8, maxParallelism, range, key serializer, the states' metas
//   sections one per key group, ascending: blocks, then a zero byte
//   block    meta index + 1 varint, entry count u32, byte length u32, entries
//   index    the length of each section as varint; then its own length u32 and the magic again
// A block can be carried into another snapshot without a look inside. Checksums are the handle's.

import { OnceproofError } from '../../core/errors.ts';
import type { ByteReader } from '../../stream/byte-reader.ts';
import type { ByteWriter } from '../../stream/byte-writer.ts';
import {
  readSerializerSnapshot,
  writeSerializerSnapshot,
} from '../../stream/serializers/schema.ts';
import type { SerializerSnapshot } from '../../stream/type-serializer.ts';
import type { KeyGroupRange } from '../state-handle.ts';

/** 'OPKS'. */
export const HEAP_SNAPSHOT_MAGIC = 0x4f504b53;
const VERSION = 1;

export const STATE_KINDS = ['value', 'list', 'map', 'reducing', 'aggregating', 'timers'] as const;
export type StateKind = (typeof STATE_KINDS)[number];

/** Timers have names of their own; all other kinds share one set of names. */
export function stateIdOf({ kind, name }: Pick<StateMeta, 'kind' | 'name'>): string {
  return kind === 'timers' ? `timers/${name}` : `state/${name}`;
}

/** What a snapshot remembers of one state or timer queue. */
export interface StateMeta {
  readonly kind: StateKind;
  readonly name: string;
  readonly namespace: SerializerSnapshot;
  /** Of timers: void. */
  readonly content: SerializerSnapshot;
}

export interface SnapshotHeader {
  readonly maxParallelism: number;
  readonly range: KeyGroupRange;
  readonly key: SerializerSnapshot;
  readonly metas: readonly StateMeta[];
}

export function writeHeader(header: SnapshotHeader, output: ByteWriter): void {
  output.writeU32(HEAP_SNAPSHOT_MAGIC);
  output.writeU8(VERSION);
  output.writeVarint(header.maxParallelism);
  output.writeVarint(header.range.first);
  output.writeVarint(header.range.last);
  writeSerializerSnapshot(header.key, output);
  output.writeVarint(header.metas.length);
  for (const meta of header.metas) {
    output.writeU8(STATE_KINDS.indexOf(meta.kind));
    output.writeString(meta.name);
    writeSerializerSnapshot(meta.namespace, output);
    writeSerializerSnapshot(meta.content, output);
  }
}

export function readHeader(input: ByteReader, place: string): SnapshotHeader {
  if (input.readU32() !== HEAP_SNAPSHOT_MAGIC) input.fail('not a keyed state snapshot');
  const version = input.readU8();
  if (version !== VERSION) throw otherVersion(version, place);
  const maxParallelism = input.readVarint();
  const range = { first: input.readVarint(), last: input.readVarint() };
  const key = readSerializerSnapshot(input);
  const metas: StateMeta[] = [];
  for (let left = input.readLength(); left > 0; left--) metas.push(readMeta(input));
  return { maxParallelism, range, key, metas };
}

function readMeta(input: ByteReader): StateMeta {
  const kind = STATE_KINDS[input.readU8()];
  if (kind === undefined) return input.fail('unknown kind of state');
  const name = input.readString();
  const namespace = readSerializerSnapshot(input);
  return { kind, name, namespace, content: readSerializerSnapshot(input) };
}

function otherVersion(version: number, place: string): OnceproofError {
  return new OnceproofError(
    'OP-E504',
    `Cannot read snapshot format ${version}: this version of onceproof reads format ${VERSION}`,
    { place, remedy: 'Restore with the version of onceproof that wrote the checkpoint' },
  );
}
