// Cuts an artefact into rows: `bytes` of all rows, in the order of `part`, are the artefact again,
// whatever it is. A keyed snapshot is cut behind each entry, so that one entry is one row, and the
// readable columns say what is in it; the few bytes between two entries go with the second.

import { OnceproofError } from '../../core/errors.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import { HEAP_SNAPSHOT_MAGIC, readHeader } from '../../state/heap/snapshot-format.ts';
import type { SnapshotHeader, StateMeta } from '../../state/heap/snapshot-format.ts';
import { canRead, columnOf, jsonOf, readWritten } from './written-value.ts';

/** What a row can say of an entry. All of it is for people: only the bytes are read back. */
export interface ReadableColumns {
  /** Kind of state: 'value', 'list', 'map', 'reducing', 'aggregating', 'timers'. */
  readonly kind: string;
  readonly keyGroup: number;
  readonly state: string;
  readonly key: string | undefined;
  readonly namespace: string | undefined;
  /** JSON; of a timer its time. Undefined if it is long. */
  readonly value: string | undefined;
}

export interface ArtefactRow {
  readonly bytes: Uint8Array;
  /** Of the entry that this row is, or is a piece of; only its last piece says the value. */
  readonly entry: ReadableColumns | undefined;
}

interface Entry {
  readonly start: number;
  readonly end: number;
  readonly columns: ReadableColumns;
}

/** Longer entries take several rows: Druid copes with long strings, its users' tools do not. */
const ROW_BYTES_MAX = 64 * 1024;
/** The head of a block has ten or so. What is longer, such as that of the snapshot, has a row. */
const FRAME_BYTES_MAX = 16;
/** A longer value is not readable anyway. */
const VALUE_LENGTH_MAX = 32 * 1024;

/** At least one row, even for no bytes. */
export function* rowsOfArtefact(bytes: Uint8Array): Generator<ArtefactRow> {
  let at = 0;
  for (const { start, end, columns } of entriesOf(bytes)) {
    if (start - at > FRAME_BYTES_MAX) {
      yield* cut(bytes.subarray(at, start), undefined);
      at = start;
    }
    yield* cut(bytes.subarray(at, end), columns);
    at = end;
  }
  if (at < bytes.length || at === 0) yield* cut(bytes.subarray(at), undefined);
}

function* cut(bytes: Uint8Array, entry: ReadableColumns | undefined): Generator<ArtefactRow> {
  const unfinished = entry && { ...entry, value: undefined };
  let at = 0;
  for (; bytes.length - at > ROW_BYTES_MAX; at += ROW_BYTES_MAX) {
    yield { bytes: bytes.subarray(at, at + ROW_BYTES_MAX), entry: unfinished };
  }
  yield { bytes: bytes.subarray(at), entry };
}

/** None of what is no keyed snapshot; of one that is damaged, those before the damage. */
function* entriesOf(bytes: Uint8Array): Generator<Entry> {
  const input = new ByteReader(bytes, 'a keyed snapshot');
  try {
    if (bytes.length < 4 || input.readU32() !== HEAP_SNAPSHOT_MAGIC) return;
    input.seek(0);
    const header = readHeader(input, 'a keyed snapshot');
    for (let group = header.range.first; group <= header.range.last; group++) {
      yield* entriesOfGroup(input, header, group);
    }
  } catch (error) {
    // Whether the artefact is good is not decided here: as bytes it is stored either way.
    if (!(error instanceof OnceproofError)) throw error;
  }
}

function* entriesOfGroup(
  input: ByteReader,
  header: SnapshotHeader,
  keyGroup: number,
): Generator<Entry> {
  for (let index = input.readVarint(); index > 0; index = input.readVarint()) {
    const meta = header.metas[index - 1];
    if (meta === undefined) return input.fail(`no state has the number ${index}`);
    const count = input.readU32();
    const sizeBytes = input.readU32();
    if (!isReadable(meta, header)) input.readRaw(sizeBytes);
    else {
      for (let left = count; left > 0; left--) {
        const start = input.offset;
        const columns = readEntry(input, header, { meta, keyGroup });
        yield { start, end: input.offset, columns };
      }
    }
  }
}

function isReadable({ content, namespace }: StateMeta, { key }: SnapshotHeader): boolean {
  return canRead(content) && canRead(namespace) && canRead(key);
}

function readEntry(
  input: ByteReader,
  header: SnapshotHeader,
  { meta, keyGroup }: { readonly meta: StateMeta; readonly keyGroup: number },
): ReadableColumns {
  const { kind, name } = meta;
  const common = { kind, keyGroup, state: name };
  if (kind === 'timers') {
    const timestamp = input.readSignedVarint();
    input.readVarint();
    const key = columnOf(readWritten(header.key, input));
    const namespace = columnOf(readWritten(meta.namespace, input));
    return { ...common, key, namespace, value: String(timestamp) };
  }
  const namespace = columnOf(readWritten(meta.namespace, input));
  const key = columnOf(readWritten(header.key, input));
  const value = jsonOf(readWritten(meta.content, input));
  return { ...common, key, namespace, value: value.length > VALUE_LENGTH_MAX ? undefined : value };
}
