// Reads heap snapshots back, as far as entries go: it checks the frame and takes the blocks of the
// key groups that are wanted. Entries are decoded only when the job asks for their state, with the
// serializers it then brings.

import { assert } from '../../core/assert.ts';
import { OnceproofError } from '../../core/errors.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import type { KeyGroupsStateHandle, KeyGroupRange } from '../state-handle.ts';
import type { SnapshotHeader, StateMeta } from './snapshot-format.ts';
import { HEAP_SNAPSHOT_MAGIC, readHeader } from './snapshot-format.ts';

/** Entries of one state and one key group, as they were written. */
export interface RawBlock {
  readonly meta: StateMeta;
  readonly keyGroup: number;
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Names the artefact in errors. */
  readonly place: string;
}

export interface ReadSnapshot {
  readonly header: SnapshotHeader;
  readonly blocks: readonly RawBlock[];
}

const FORMAT = 'heap';
/** The index's own length and the magic. */
const FOOTER_BYTES = 8;

/** The blocks of `handle` that lie in `range`. `bytes` are those of the handle, verified. */
export function readSnapshot(
  handle: KeyGroupsStateHandle,
  bytes: Uint8Array,
  range: KeyGroupRange,
): ReadSnapshot {
  const place = placeOf(handle);
  if (handle.format !== FORMAT) throw otherFormat(handle.format, place);
  const input = new ByteReader(bytes, place);
  const header = readHeader(input, place);
  const lengths = readIndex(bytes, input.offset, header.range, place);
  const blocks: RawBlock[] = [];
  let offset = input.offset;
  for (let index = 0; index < lengths.length; index++) {
    const keyGroup = header.range.first + index;
    const end = offset + (lengths[index] ?? 0);
    if (keyGroup >= range.first && keyGroup <= range.last) {
      input.seek(offset, end);
      readSection({ input, header, keyGroup, place }, blocks);
    }
    offset = end;
  }
  return { header, blocks };
}

function placeOf(handle: KeyGroupsStateHandle): string {
  const { state } = handle;
  return state.kind === 'file' ? `"${state.path}"` : 'keyed state in the checkpoint metadata';
}

/** The lengths of all sections; they must fill the space between header and index exactly. */
function readIndex(
  bytes: Uint8Array,
  start: number,
  range: KeyGroupRange,
  place: string,
): readonly number[] {
  const input = new ByteReader(bytes, place);
  const footer = bytes.length - FOOTER_BYTES;
  if (footer < start) input.fail('no room for an index');
  input.seek(footer);
  const indexBytes = input.readU32();
  if (input.readU32() !== HEAP_SNAPSHOT_MAGIC) input.fail('the end of the snapshot is missing');
  if (indexBytes > footer - start) input.fail('an index longer than the snapshot');
  input.seek(footer - indexBytes, footer);
  const lengths: number[] = [];
  let total = 0;
  for (let group = range.first; group <= range.last; group++) {
    const length = input.readVarint();
    lengths.push(length);
    total += length;
  }
  const isExact = input.remaining === 0 && start + total === footer - indexBytes;
  if (!isExact) input.fail('sections and index do not fit together');
  return lengths;
}

function readSection(
  section: {
    readonly input: ByteReader;
    readonly header: SnapshotHeader;
    readonly keyGroup: number;
    readonly place: string;
  },
  blocks: RawBlock[],
): void {
  const { input, header, keyGroup, place } = section;
  for (let index = input.readVarint(); index > 0; index = input.readVarint()) {
    const meta = header.metas[index - 1];
    if (meta === undefined) return input.fail(`no state has the number ${index}`);
    const count = input.readU32();
    const bytes = input.readRaw(input.readU32());
    blocks.push({ meta, keyGroup, count, bytes, place });
  }
  if (input.remaining > 0) input.fail('bytes behind the end of a key group');
}

/** Calls `read` once per entry of the block; it must take exactly the block's bytes. */
export function readBlock(block: RawBlock, read: (input: ByteReader) => void): void {
  const input = new ByteReader(block.bytes, `${block.place}, state "${block.meta.name}"`);
  for (let left = block.count; left > 0; left--) read(input);
  if (input.remaining > 0) input.fail('bytes behind the last entry: another serializer wrote them');
}

function otherFormat(format: string, place: string): OnceproofError {
  assert(format !== FORMAT, 'Cannot refuse the own format');
  return new OnceproofError(
    'OP-E408',
    `Cannot restore state of format "${format}": this backend reads "${FORMAT}"`,
    { place, remedy: 'Run the job with the state backend that wrote the checkpoint' },
  );
}
