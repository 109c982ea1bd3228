// The binary form of `_metadata`, described byte by byte in docs/checkpoint-format.md. The
// container is the same in all versions, so that damage is told from age: every truncation and
// every flipped bit is detected before the body is looked at.

import { assert } from '../core/assert.ts';
import { crc32c } from '../core/crc32c.ts';
import { OnceproofError } from '../core/errors.ts';
import { checkpointId, jobId, jobVertexId, operatorId } from '../core/ids.ts';
import { ByteReader } from '../stream/byte-reader.ts';
import { ByteWriter } from '../stream/byte-writer.ts';
import { readFlag, readMany, readTaskSnapshot, writeTaskSnapshot } from './handle-format.ts';
import type { MetadataIdentity } from './metadata-identity.ts';
import type {
  CheckpointMetadata,
  CheckpointProperties,
  OperatorMetadata,
  VertexMetadata,
} from './metadata.ts';

/** "OPcp". */
const MAGIC = 0x4f506370;
export const METADATA_FORMAT_VERSION = 2;
/** Magic, version, length of the body, checksum: four bytes each. */
const HEADER_BYTES = 16;
const CHECKSUM_OFFSET = 12;
const STOPS = ['no', 'suspend', 'drain'] as const;
const RESTORE_OTHER = 'Restore from another checkpoint or savepoint, or from a copy of this file';

/** `directory`: where it is going to stand; what lies below it is named relative to it. */
export function encodeCheckpointMetadata(
  metadata: CheckpointMetadata,
  directory?: string,
): Uint8Array {
  const output = new ByteWriter(1_024);
  output.writeU32(MAGIC);
  output.writeU32(METADATA_FORMAT_VERSION);
  const lengthOffset = output.reserveU32();
  const checksumOffset = output.reserveU32();
  assert(checksumOffset === CHECKSUM_OFFSET, 'Cannot write metadata: the header has moved');
  writeBody(output, metadata, directory);
  output.patchU32(lengthOffset, output.length - HEADER_BYTES);
  output.patchU32(checksumOffset, checksumOf(output.written()));
  return output.take();
}

/** `directory`: where it stands. `place` names it in errors. OP-E502, OP-E503, OP-E504. */
export function decodeCheckpointMetadata(
  bytes: Uint8Array,
  place: string,
  directory?: string,
): CheckpointMetadata {
  checkMetadataContainer(bytes, place);
  const input = new ByteReader(bytes, place);
  input.seek(HEADER_BYTES);
  const metadata = readBody(input, directory);
  if (input.remaining > 0) input.fail(`${input.remaining} bytes too many`);
  return metadata;
}

/** Whose it is, without the rest. `bytes` have passed checkMetadataContainer(). */
export function readMetadataIdentity(bytes: Uint8Array, place: string): MetadataIdentity {
  const input = new ByteReader(bytes, place);
  input.seek(HEADER_BYTES);
  return { checkpoint: checkpointId(input.readVarint()), job: jobId(input.readString()) };
}

/** Throws what is wrong with the file as a whole: OP-E502, OP-E503, OP-E504. */
export function checkMetadataContainer(bytes: Uint8Array, place: string): void {
  if (bytes.length < HEADER_BYTES) throw truncated(place, bytes.length, HEADER_BYTES);
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (header.getUint32(0) !== MAGIC) throw corrupt(place, 'it does not begin like one');
  const version = header.getUint32(4);
  const expectedBytes = HEADER_BYTES + header.getUint32(8);
  if (bytes.length < expectedBytes) throw truncated(place, bytes.length, expectedBytes);
  if (bytes.length > expectedBytes) throw corrupt(place, 'something was added at its end');
  if (header.getUint32(CHECKSUM_OFFSET) !== checksumOf(bytes)) {
    throw corrupt(place, 'its checksum does not match');
  }
  if (version !== METADATA_FORMAT_VERSION) throw otherVersion(place, version);
}

/** Of everything but itself. */
function checksumOf(bytes: Uint8Array): number {
  const head = crc32c(bytes.subarray(0, CHECKSUM_OFFSET));
  return crc32c(bytes.subarray(HEADER_BYTES), head);
}

function writeBody(
  output: ByteWriter,
  metadata: CheckpointMetadata,
  directory: string | undefined,
): void {
  output.writeVarint(metadata.checkpoint);
  output.writeString(metadata.job);
  output.writeString(metadata.jobName);
  output.writeVarint(metadata.timestampMs);
  output.writeU8(metadata.properties.type === 'savepoint' ? 1 : 0);
  output.writeU8(STOPS.indexOf(metadata.properties.stop));
  output.writeVarint(metadata.vertices.length);
  for (const vertex of metadata.vertices) writeVertex(output, vertex, directory);
}

function readBody(input: ByteReader, directory: string | undefined): CheckpointMetadata {
  return {
    checkpoint: checkpointId(input.readVarint()),
    job: jobId(input.readString()),
    jobName: input.readString(),
    timestampMs: input.readVarint(),
    properties: readProperties(input),
    vertices: readMany(input, () => readVertex(input, directory)),
  };
}

function readProperties(input: ByteReader): CheckpointProperties {
  const type = readFlag(input) ? 'savepoint' : 'checkpoint';
  const stop = STOPS[input.readU8()];
  return stop === undefined ? input.fail('not a way to stop') : { type, stop };
}

function writeVertex(
  output: ByteWriter,
  vertex: VertexMetadata,
  directory: string | undefined,
): void {
  output.writeString(vertex.vertex);
  output.writeString(vertex.name);
  output.writeVarint(vertex.parallelism);
  output.writeVarint(vertex.maxParallelism);
  output.writeU8(vertex.fullyFinished ? 1 : 0);
  output.writeVarint(vertex.operators.length);
  for (const operator of vertex.operators) writeOperatorMetadata(output, operator);
  output.writeVarint(vertex.subtasks.length);
  for (const subtask of vertex.subtasks) writeTaskSnapshot(output, subtask, directory);
}

function readVertex(input: ByteReader, directory: string | undefined): VertexMetadata {
  return {
    vertex: jobVertexId(input.readString()),
    name: input.readString(),
    parallelism: input.readVarint(),
    maxParallelism: input.readVarint(),
    fullyFinished: readFlag(input),
    operators: readMany(input, () => readOperatorMetadata(input)),
    subtasks: readMany(input, () => readTaskSnapshot(input, directory)),
  };
}

function writeOperatorMetadata(output: ByteWriter, operator: OperatorMetadata): void {
  output.writeString(operator.operator);
  writeOptional(output, operator.uid, () => output.writeString(operator.uid ?? ''));
  output.writeString(operator.name);
  const state = operator.coordinatorState;
  writeOptional(output, state, () => output.writeBytes(state ?? new Uint8Array(0)));
}

function readOperatorMetadata(input: ByteReader): OperatorMetadata {
  return {
    operator: operatorId(input.readString()),
    uid: readFlag(input) ? input.readString() : undefined,
    name: input.readString(),
    coordinatorState: readFlag(input) ? input.readBytes() : undefined,
  };
}

function writeOptional(output: ByteWriter, value: unknown, write: () => void): void {
  output.writeU8(value === undefined ? 0 : 1);
  if (value !== undefined) write();
}

function truncated(place: string, bytes: number, expected: number): OnceproofError {
  const message = `Cannot read checkpoint metadata: ${bytes} of ${expected} bytes are left`;
  return new OnceproofError('OP-E502', message, { place, remedy: RESTORE_OTHER });
}

function corrupt(place: string, problem: string): OnceproofError {
  const message = `Cannot read checkpoint metadata: ${problem}`;
  return new OnceproofError('OP-E503', message, { place, remedy: RESTORE_OTHER });
}

function otherVersion(place: string, version: number): OnceproofError {
  const known = METADATA_FORMAT_VERSION;
  const message = `Cannot read metadata of format version ${version}: this reads ${known}`;
  return new OnceproofError('OP-E504', message, {
    place,
    remedy: 'Restore with the version of onceproof that wrote it, and take a savepoint there',
  });
}
