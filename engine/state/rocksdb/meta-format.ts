// The artefact that goes with the files of a store, version 2: which driver made the files, which
// states they hold and under which schemas, then a heap snapshot of what is in no file, timers and
// states that nobody has asked for since a savepoint. Checksums are the handle's. Version 1, which
// is still read, did not know the driver.

import { OnceproofError } from '../../core/errors.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import {
  readSerializerSnapshot,
  writeSerializerSnapshot,
} from '../../stream/serializers/schema.ts';
import type { SerializerSnapshot } from '../../stream/type-serializer.ts';
import { STATE_KINDS } from '../heap/snapshot-format.ts';
import type { StoredSchema, StoredState } from './state-registry.ts';

/** 'OPRM'. */
const MAGIC = 0x4f50524d;
const VERSION = 2;
const VERSION_WITHOUT_DRIVER = 1;

export interface StoreMeta {
  /** Undefined where it was not recorded. */
  readonly driver: string | undefined;
  readonly maxParallelism: number;
  readonly key: SerializerSnapshot;
  readonly states: readonly StoredState[];
}

export function encodeMeta(meta: StoreMeta & { readonly driver: string }): Uint8Array {
  const output = new ByteWriter();
  output.writeU32(MAGIC);
  output.writeU8(VERSION);
  output.writeString(meta.driver);
  output.writeVarint(meta.maxParallelism);
  writeSerializerSnapshot(meta.key, output);
  output.writeVarint(meta.states.length);
  for (const state of meta.states) writeState(state, output);
  return output.take();
}

/** Reads it, and says where the heap snapshot begins. */
export function decodeMeta(
  bytes: Uint8Array,
  place: string,
): { readonly meta: StoreMeta; readonly heap: Uint8Array } {
  const input = new ByteReader(bytes, place);
  if (input.readU32() !== MAGIC) input.fail('no description of a store');
  const version = input.readU8();
  const isKnown = version === VERSION || version === VERSION_WITHOUT_DRIVER;
  if (!isKnown) throw otherVersion(version, place);
  const driver = version === VERSION ? input.readString() : undefined;
  const maxParallelism = input.readVarint();
  const key = readSerializerSnapshot(input);
  const states: StoredState[] = [];
  for (let left = input.readLength(); left > 0; left--) states.push(readState(input));
  return { meta: { driver, maxParallelism, key, states }, heap: bytes.subarray(input.offset) };
}

function writeState(state: StoredState, output: ByteWriter): void {
  output.writeVarint(state.id);
  output.writeU8(STATE_KINDS.indexOf(state.kind));
  output.writeString(state.name);
  output.writeVarint(state.namespaces.length);
  for (const namespace of state.namespaces) writeSerializerSnapshot(namespace, output);
  output.writeVarint(state.schemas.length);
  for (const { content, stampedAt } of state.schemas) {
    writeSerializerSnapshot(content, output);
    output.writeU8(stampedAt === undefined ? 0 : 1);
    if (stampedAt !== undefined) output.writeSignedVarint(stampedAt);
  }
}

function readState(input: ByteReader): StoredState {
  const id = input.readVarint();
  const kind = STATE_KINDS[input.readU8()];
  if (kind === undefined) return input.fail('unknown kind of state');
  const name = input.readString();
  const namespaces: SerializerSnapshot[] = [];
  for (let left = input.readLength(); left > 0; left--) {
    namespaces.push(readSerializerSnapshot(input));
  }
  const schemas: StoredSchema[] = [];
  for (let left = input.readLength(); left > 0; left--) {
    const content = readSerializerSnapshot(input);
    const stampedAt = input.readU8() === 1 ? input.readSignedVarint() : undefined;
    schemas.push({ content, stampedAt });
  }
  return { id, kind, name, namespaces, schemas };
}

function otherVersion(version: number, place: string): OnceproofError {
  return new OnceproofError(
    'OP-E504',
    `Cannot read store description ${version}: this version of onceproof reads up to ${VERSION}`,
    { place, remedy: 'Restore with the version of onceproof that wrote the checkpoint' },
  );
}
