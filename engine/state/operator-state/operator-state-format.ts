// The bytes of an operator state snapshot, version 1: magic u32, version u8, then each state with
// its mode, name, schema and elements. Elements stand apart, so that a rescale deals them out
// without knowing what they are. Checksums are the handle's.

import { OnceproofError } from '../../core/errors.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import type { ByteWriter } from '../../stream/byte-writer.ts';
import {
  readSerializerSnapshot,
  writeSerializerSnapshot,
} from '../../stream/serializers/schema.ts';
import type { SerializerSnapshot } from '../../stream/type-serializer.ts';

/** 'OPOS'. */
const MAGIC = 0x4f504f53;
const VERSION = 1;
const MODES = ['split', 'union', 'broadcast'] as const;

/** Flink's OperatorStateHandle.Mode: what a rescale does with a state. */
export type OperatorStateMode = (typeof MODES)[number];

/** One element of a list, or one entry of a broadcast map, as it was written. */
export interface RawElement {
  readonly schema: SerializerSnapshot;
  readonly bytes: Uint8Array;
}

export interface RawOperatorState {
  readonly mode: OperatorStateMode;
  readonly name: string;
  readonly elements: readonly RawElement[];
}

export function writeOperatorStates(states: readonly RawOperatorState[], output: ByteWriter): void {
  output.writeU32(MAGIC);
  output.writeU8(VERSION);
  output.writeVarint(states.length);
  for (const { mode, name, elements } of states) {
    output.writeU8(MODES.indexOf(mode));
    output.writeString(name);
    writeElements(elements, output);
  }
}

export function readOperatorStates(bytes: Uint8Array, place: string): readonly RawOperatorState[] {
  const input = new ByteReader(bytes, place);
  if (input.readU32() !== MAGIC) input.fail('not an operator state snapshot');
  const version = input.readU8();
  if (version !== VERSION) throw otherVersion(version, place);
  const states: RawOperatorState[] = [];
  for (let left = input.readLength(); left > 0; left--) {
    const mode = MODES[input.readU8()];
    if (mode === undefined) return input.fail('unknown mode of operator state');
    const name = input.readString();
    states.push({ mode, name, elements: readElements(input) });
  }
  if (input.remaining > 0) input.fail('bytes behind the last state');
  return states;
}

/** Elements of one schema in a row share its bytes: carried ones may have another. */
function writeElements(elements: readonly RawElement[], output: ByteWriter): void {
  const runs = runsOf(elements);
  output.writeVarint(runs.length);
  for (const run of runs) {
    const schema = run[0]?.schema;
    if (schema !== undefined) writeSerializerSnapshot(schema, output);
    output.writeVarint(run.length);
    for (const { bytes } of run) output.writeBytes(bytes);
  }
}

function readElements(input: ByteReader): readonly RawElement[] {
  const elements: RawElement[] = [];
  for (let runs = input.readLength(); runs > 0; runs--) {
    const schema = readSerializerSnapshot(input);
    for (let left = input.readLength(); left > 0; left--) {
      elements.push({ schema, bytes: input.readRaw(input.readLength()) });
    }
  }
  return elements;
}

function runsOf(elements: readonly RawElement[]): readonly (readonly RawElement[])[] {
  const runs: RawElement[][] = [];
  for (const element of elements) {
    const run = runs.at(-1);
    if (run?.[0]?.schema === element.schema) run.push(element);
    else runs.push([element]);
  }
  return runs;
}

function otherVersion(version: number, place: string): OnceproofError {
  return new OnceproofError(
    'OP-E504',
    `Cannot read operator state format ${version}: this version of onceproof reads ${VERSION}`,
    { place, remedy: 'Restore with the version of onceproof that wrote the checkpoint' },
  );
}
