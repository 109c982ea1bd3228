// Binary form of state handles and of what subtasks hand over, as it stands in `_metadata`. Paths
// below the directory of `_metadata` are written relative to it, so that a savepoint may be moved.

import { crc32c } from '../core/crc32c.ts';
import { operatorId } from '../core/ids.ts';
import type {
  ChannelStateHandle,
  KeyedStateHandle,
  OperatorSnapshot,
  OperatorStateHandle,
  StateHandle,
  StoreFile,
  TaskSnapshot,
} from '../state/state-handle.ts';
import type { ByteReader } from '../stream/byte-reader.ts';
import type { ByteWriter } from '../stream/byte-writer.ts';

const INLINE = 0;
const EXCLUSIVE_FILE = 1;
const SHARED_FILE = 2;
const KEY_GROUPS = 0;
const INCREMENTAL = 1;
const INPUT_CHANNEL = 0;
const RESULT_SUBPARTITION = 1;

export function writeTaskSnapshot(
  output: ByteWriter,
  snapshot: TaskSnapshot,
  base: string | undefined,
): void {
  output.writeU8(snapshot.finished ? 1 : 0);
  output.writeVarint(snapshot.operators.length);
  for (const operator of snapshot.operators) writeOperator(output, operator, base);
  output.writeVarint(snapshot.channels.length);
  for (const channel of snapshot.channels) writeChannel(output, channel, base);
}

export function readTaskSnapshot(input: ByteReader, base: string | undefined): TaskSnapshot {
  const finished = readFlag(input);
  const operators = readMany(input, () => readOperator(input, base));
  const channels = readMany(input, () => readChannel(input, base));
  return { operators, channels, finished };
}

/** A count, then that many items. */
export function readMany<T>(input: ByteReader, read: () => T): T[] {
  const items: T[] = [];
  for (let left = input.readLength(); left > 0; left--) items.push(read());
  return items;
}

export function readFlag(input: ByteReader): boolean {
  const flag = input.readU8();
  if (flag > 1) input.fail(`${flag} is not a flag`);
  return flag === 1;
}

function writeOperator(
  output: ByteWriter,
  snapshot: OperatorSnapshot,
  base: string | undefined,
): void {
  output.writeString(snapshot.operator);
  output.writeVarint(snapshot.keyed.length);
  for (const handle of snapshot.keyed) writeKeyed(output, handle, base);
  output.writeVarint(snapshot.operatorState.length);
  for (const { state } of snapshot.operatorState) writeHandle(output, state, base);
}

function readOperator(input: ByteReader, base: string | undefined): OperatorSnapshot {
  const operator = operatorId(input.readString());
  const keyed = readMany(input, () => readKeyed(input, base));
  const operatorState = readMany(input, (): OperatorStateHandle => {
    return { kind: 'operator', state: readHandle(input, base) };
  });
  return { operator, keyed, operatorState };
}

function writeKeyed(output: ByteWriter, handle: KeyedStateHandle, base: string | undefined): void {
  const { format, range } = handle;
  output.writeU8(handle.kind === 'key-groups' ? KEY_GROUPS : INCREMENTAL);
  output.writeString(format);
  output.writeSignedVarint(range.first);
  output.writeSignedVarint(range.last);
  if (handle.kind === 'key-groups') return writeHandle(output, handle.state, base);
  output.writeString(handle.storeId);
  writeStoreFiles(output, handle.shared, base);
  writeStoreFiles(output, handle.exclusive, base);
  writeHandle(output, handle.meta, base);
}

function readKeyed(input: ByteReader, base: string | undefined): KeyedStateHandle {
  const tag = input.readU8();
  if (tag > INCREMENTAL) input.fail(`${tag} is not a kind of keyed state`);
  const format = input.readString();
  const range = { first: input.readSignedVarint(), last: input.readSignedVarint() };
  if (tag === KEY_GROUPS)
    return { kind: 'key-groups', format, range, state: readHandle(input, base) };
  const storeId = input.readString();
  const shared = readStoreFiles(input, base);
  const exclusive = readStoreFiles(input, base);
  const meta = readHandle(input, base);
  return { kind: 'incremental', format, range, storeId, shared, exclusive, meta };
}

function writeStoreFiles(
  output: ByteWriter,
  files: readonly StoreFile[],
  base: string | undefined,
): void {
  output.writeVarint(files.length);
  for (const { name, state } of files) {
    output.writeString(name);
    writeHandle(output, state, base);
  }
}

function readStoreFiles(input: ByteReader, base: string | undefined): readonly StoreFile[] {
  return readMany(input, () => ({ name: input.readString(), state: readHandle(input, base) }));
}

function writeChannel(
  output: ByteWriter,
  channel: ChannelStateHandle,
  base: string | undefined,
): void {
  output.writeU8(channel.kind === 'input-channel' ? INPUT_CHANNEL : RESULT_SUBPARTITION);
  output.writeString(channel.edge);
  output.writeVarint(channel.from);
  output.writeVarint(channel.to);
  writeHandle(output, channel.state, base);
}

function readChannel(input: ByteReader, base: string | undefined): ChannelStateHandle {
  const tag = input.readU8();
  if (tag > RESULT_SUBPARTITION) input.fail(`${tag} is not a kind of channel state`);
  const kind = tag === INPUT_CHANNEL ? 'input-channel' : 'result-subpartition';
  const edge = input.readString();
  const from = input.readVarint();
  const to = input.readVarint();
  return { kind, edge, from, to, state: readHandle(input, base) };
}

function writeHandle(output: ByteWriter, handle: StateHandle, base: string | undefined): void {
  if (handle.kind === 'inline') {
    output.writeU8(INLINE);
    output.writeBytes(handle.bytes);
  } else {
    output.writeU8(handle.scope === 'shared' ? SHARED_FILE : EXCLUSIVE_FILE);
    output.writeString(relativeTo(base, handle.path));
    output.writeVarint(handle.sizeBytes);
  }
  output.writeU32(handle.checksum);
}

function readHandle(input: ByteReader, base: string | undefined): StateHandle {
  const tag = input.readU8();
  if (tag > SHARED_FILE) input.fail(`${tag} is not a kind of state handle`);
  if (tag === INLINE) {
    const bytes = input.readBytes();
    const checksum = input.readU32();
    if (checksum !== crc32c(bytes)) input.fail('inline state does not match its checksum');
    return { kind: 'inline', bytes, sizeBytes: bytes.length, checksum };
  }
  const path = absolute(base, input.readString());
  const sizeBytes = input.readVarint();
  const scope = tag === SHARED_FILE ? 'shared' : 'exclusive';
  return { kind: 'file', path, sizeBytes, checksum: input.readU32(), scope };
}

function relativeTo(base: string | undefined, path: string): string {
  const isBelow = base !== undefined && path.startsWith(`${base}/`);
  return isBelow ? `.${path.slice(base.length)}` : path;
}

function absolute(base: string | undefined, path: string): string {
  return base !== undefined && path.startsWith('./') ? `${base}${path.slice(1)}` : path;
}
