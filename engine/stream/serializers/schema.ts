// What serializers share about schemas: the part of a leaf's contract that never varies, how
// verdicts on parts combine, and the bytes of a SerializerSnapshot. Says nothing about values.

import { assert } from '../../core/assert.ts';
import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type {
  SchemaCompatibility,
  SerializerSnapshot,
  TypeSerializer,
} from '../type-serializer.ts';

type Schema<T> = Pick<TypeSerializer<T>, 'snapshot' | 'compatibilityWith' | 'migrating'>;

/** No job nests declared types deeper; what claims to is not a snapshot. */
const MAX_DEPTH = 64;
const HAS_FIELDS = 1;
const HAS_ELEMENTS = 2;

/** The schema of a type without parts: written by the same serializer, or unreadable. */
export function leafSchema<T>(id: string): Schema<T> {
  const snapshot: SerializerSnapshot = { id, version: 1 };
  return {
    snapshot: () => snapshot,
    compatibilityWith: (written) =>
      written.id === id && written.version === 1 ? 'as-is' : 'incompatible',
    migrating: (written) => {
      assert(false, `Cannot migrate from "${written.id}" to "${id}": never offered`);
    },
  };
}

/** The verdict on a whole from the verdicts on its parts. */
export function worstOf(verdicts: readonly SchemaCompatibility[]): SchemaCompatibility {
  if (verdicts.includes('incompatible')) return 'incompatible';
  return verdicts.includes('after-migration') ? 'after-migration' : 'as-is';
}

/** The serializer that reads what was written under `written`, which must not be incompatible. */
export function readerOf<T>(
  serializer: TypeSerializer<T>,
  written: SerializerSnapshot,
): TypeSerializer<T> {
  const verdict = serializer.compatibilityWith(written);
  assert(verdict !== 'incompatible', `Cannot read "${written.id}": the schema is incompatible`);
  return verdict === 'as-is' ? serializer : serializer.migrating(written);
}

export function writeSerializerSnapshot(snapshot: SerializerSnapshot, output: ByteWriter): void {
  output.writeString(snapshot.id);
  output.writeVarint(snapshot.version);
  const { fields, elements } = snapshot;
  output.writeU8((fields ? HAS_FIELDS : 0) | (elements ? HAS_ELEMENTS : 0));
  if (fields) {
    output.writeVarint(fields.length);
    for (const field of fields) {
      output.writeString(field.name);
      writeSerializerSnapshot(field.type, output);
    }
  }
  if (elements) {
    output.writeVarint(elements.length);
    for (const element of elements) writeSerializerSnapshot(element, output);
  }
}

export function readSerializerSnapshot(input: ByteReader, depth = 0): SerializerSnapshot {
  if (depth > MAX_DEPTH) input.fail('a serializer snapshot nested too deeply');
  const id = input.readString();
  const version = input.readVarint();
  const parts = input.readU8();
  if (parts > (HAS_FIELDS | HAS_ELEMENTS)) input.fail(`unknown parts ${parts} of a snapshot`);
  const fields = parts & HAS_FIELDS ? readFields(input, depth + 1) : undefined;
  const elements = parts & HAS_ELEMENTS ? readElements(input, depth + 1) : undefined;
  return { id, version, ...(fields && { fields }), ...(elements && { elements }) };
}

function readFields(input: ByteReader, depth: number): NonNullable<SerializerSnapshot['fields']> {
  const fields: { name: string; type: SerializerSnapshot }[] = [];
  for (let left = input.readLength(); left > 0; left--) {
    fields.push({ name: input.readString(), type: readSerializerSnapshot(input, depth) });
  }
  return fields;
}

function readElements(input: ByteReader, depth: number): readonly SerializerSnapshot[] {
  const elements: SerializerSnapshot[] = [];
  for (let left = input.readLength(); left > 0; left--) {
    elements.push(readSerializerSnapshot(input, depth));
  }
  return elements;
}
