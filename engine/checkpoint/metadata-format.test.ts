// The binary form of `_metadata`: what was written is read, and no damage is ever read as
// something.

import test from 'ava';
import fc from 'fast-check';

import { crc32c } from '../core/crc32c.ts';
import { OnceproofError } from '../core/errors.ts';
import { checkpointId, jobId, jobVertexId, operatorId } from '../core/ids.ts';
import type {
  ChannelStateHandle,
  KeyedStateHandle,
  OperatorSnapshot,
  StateHandle,
  TaskSnapshot,
} from '../state/state-handle.ts';
import type { CheckpointMetadata, VertexMetadata } from './metadata.ts';
import {
  checkMetadataContainer,
  decodeCheckpointMetadata,
  encodeCheckpointMetadata,
} from './metadata-format.ts';
import { completedFor, fileHandle, snapshotOf } from './testing/handles.ts';

const small = fc.nat(40);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const id = fc.string({ maxLength: 8 });

const inline: fc.Arbitrary<StateHandle> = fc.uint8Array({ maxLength: 20 }).map((raw) => {
  const bytes = Uint8Array.from(raw);
  return { kind: 'inline', bytes, sizeBytes: bytes.length, checksum: crc32c(bytes) };
});

const file: fc.Arbitrary<StateHandle> = fc.record({
  kind: fc.constant('file' as const),
  path: fc.stringMatching(/^\/[a-z]{1,8}\/[a-z]{1,8}$/),
  sizeBytes: fc.nat(),
  checksum: u32,
  scope: fc.constantFrom('exclusive' as const, 'shared' as const),
});

const handle = fc.oneof(inline, file);

const range = fc.record({ first: fc.integer({ min: -1, max: 9 }), last: fc.nat(9) });
const keyGroups: fc.Arbitrary<KeyedStateHandle> = fc.record({
  kind: fc.constant('key-groups' as const),
  format: fc.constantFrom('heap', 'rocksdb'),
  range: fc.record({ first: small, last: fc.integer({ min: -1, max: 127 }) }),
  state: handle,
});
const storeFiles = fc.array(fc.record({ name: id, state: handle }), { maxLength: 2 });
const incremental: fc.Arbitrary<KeyedStateHandle> = fc.record({
  kind: fc.constant('incremental' as const),
  format: id,
  range,
  storeId: id,
  shared: storeFiles,
  exclusive: storeFiles,
  meta: handle,
});
const keyed = fc.oneof(keyGroups, incremental);

const operator: fc.Arbitrary<OperatorSnapshot> = fc.record({
  operator: id.map(operatorId),
  keyed: fc.array(keyed, { maxLength: 2 }),
  operatorState: fc.array(
    handle.map((state) => ({ kind: 'operator' as const, state })),
    { maxLength: 2 },
  ),
});

const channel: fc.Arbitrary<ChannelStateHandle> = fc.record({
  kind: fc.constantFrom('input-channel' as const, 'result-subpartition' as const),
  edge: id,
  from: small,
  to: small,
  state: handle,
});

const subtask: fc.Arbitrary<TaskSnapshot> = fc.record({
  operators: fc.array(operator, { maxLength: 2 }),
  channels: fc.array(channel, { maxLength: 2 }),
  finished: fc.boolean(),
});

const vertex: fc.Arbitrary<VertexMetadata> = fc.record({
  vertex: id.map(jobVertexId),
  name: id,
  parallelism: small,
  maxParallelism: small,
  operators: fc.array(
    fc.record({
      operator: id.map(operatorId),
      uid: fc.option(id, { nil: undefined }),
      name: id,
      coordinatorState: fc.option(
        fc.uint8Array({ maxLength: 8 }).map((raw) => Uint8Array.from(raw)),
        { nil: undefined },
      ),
    }),
    { maxLength: 2 },
  ),
  subtasks: fc.array(subtask, { maxLength: 2 }),
  fullyFinished: fc.boolean(),
});

const arbitraryMetadata: fc.Arbitrary<CheckpointMetadata> = fc.record({
  checkpoint: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map(checkpointId),
  job: id.map(jobId),
  jobName: id,
  timestampMs: fc.nat(),
  properties: fc.record({
    type: fc.constantFrom('checkpoint' as const, 'savepoint' as const),
    stop: fc.constantFrom('no' as const, 'suspend' as const, 'drain' as const),
  }),
  vertices: fc.array(vertex, { maxLength: 3 }),
});

const SAMPLE: CheckpointMetadata = completedFor(7, undefined, [
  {
    vertex: jobVertexId('v'),
    name: 'count',
    parallelism: 1,
    maxParallelism: 128,
    operators: [
      {
        operator: operatorId('op'),
        uid: 'count',
        name: 'count',
        coordinatorState: Uint8Array.of(1, 2, 3),
      },
    ],
    subtasks: [snapshotOf({ exclusive: ['/base/job/chk-7/a'], shared: ['/base/job/shared/b'] })],
    fullyFinished: false,
  },
]).metadata;

function codeOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return error instanceof OnceproofError ? error.code : String(error);
  }
}

test('metadata comes back as it was written', (t) => {
  fc.assert(
    fc.property(arbitraryMetadata, (metadata) => {
      const bytes = encodeCheckpointMetadata(metadata);
      t.deepEqual(decodeCheckpointMetadata(bytes, '_metadata'), metadata);
    }),
  );
});

test('files below its directory are found again after the directory was moved', (t) => {
  const own = fileHandle('/sp/savepoint-1/state');
  const other = fileHandle('/base/job/shared/sst', 'shared');
  const prefixed = fileHandle('/sp/savepoint-1x/state');
  const metadata: CheckpointMetadata = {
    ...SAMPLE,
    vertices: SAMPLE.vertices.map((vertex) => ({
      ...vertex,
      subtasks: [
        {
          operators: [
            {
              operator: operatorId('op'),
              keyed: [],
              operatorState: [own, other, prefixed].map((state) => ({ kind: 'operator', state })),
            },
          ],
          channels: [],
          finished: false,
        },
      ],
    })),
  };
  const bytes = encodeCheckpointMetadata(metadata, '/sp/savepoint-1');
  const moved = decodeCheckpointMetadata(bytes, '_metadata', '/elsewhere');
  const states = moved.vertices[0]?.subtasks[0]?.operators[0]?.operatorState ?? [];
  t.deepEqual(
    states.map(({ state }) => (state.kind === 'file' ? state.path : undefined)),
    ['/elsewhere/state', '/base/job/shared/sst', '/sp/savepoint-1x/state'],
  );
});

test('every truncation is detected', (t) => {
  const bytes = encodeCheckpointMetadata(SAMPLE);
  for (let length = 0; length < bytes.length; length++) {
    const read = (): unknown => decodeCheckpointMetadata(bytes.subarray(0, length), 'm');
    t.is(codeOf(read), 'OP-E502');
  }
});

test('every flipped bit is detected', (t) => {
  const bytes = encodeCheckpointMetadata(SAMPLE);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = bytes.slice();
    damaged[bit >>> 3] = (damaged[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
    const code = codeOf(() => decodeCheckpointMetadata(damaged, 'm'));
    t.true(code === 'OP-E503' || code === 'OP-E502', `bit ${bit}: ${code}`);
  }
});

test('damage of arbitrary metadata is detected, wherever it is', (t) => {
  fc.assert(
    fc.property(
      arbitraryMetadata,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (metadata, at, mask) => {
        const bytes = encodeCheckpointMetadata(metadata);
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ mask;
        t.regex(codeOf(() => decodeCheckpointMetadata(bytes, 'm')) ?? '', /^OP-E50[23]$/);
      },
    ),
  );
});

test('bytes that were added are detected', (t) => {
  const bytes = encodeCheckpointMetadata(SAMPLE);
  t.is(
    codeOf(() => checkMetadataContainer(Uint8Array.of(...bytes, 0), 'm')),
    'OP-E503',
  );
});

test('an undamaged file of another version is told from a damaged one, and names both', (t) => {
  const bytes = encodeCheckpointMetadata(SAMPLE);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, 9);
  t.is(
    codeOf(() => checkMetadataContainer(bytes, 'm')),
    'OP-E503',
  );
  const body = bytes.subarray(16);
  view.setUint32(12, crc32c(body, crc32c(bytes.subarray(0, 12))));
  const error = t.throws(() => checkMetadataContainer(bytes, '/chk-7/_metadata'), {
    instanceOf: OnceproofError,
  });
  t.is(error.code, 'OP-E504');
  t.regex(error.message, /version 9.*reads 2/);
  t.is(error.place, '/chk-7/_metadata');
});
