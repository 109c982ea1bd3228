// Where a timer lies in the store: state id | key group | time | key | namespace, as in Flink. The
// time is written so that earlier ones, negative ones too, come first; so the timers of a key group
// lie in the order in which they are due.

import { ByteReader } from '../../../stream/byte-reader.ts';
import { ByteWriter } from '../../../stream/byte-writer.ts';
import type { KeyLayout } from '../key-layout.ts';
import { STATE_ID_BYTES } from '../key-layout.ts';

const TIME_BYTES = 8;

const TWO_TO_31 = 0x8000_0000;
const TWO_TO_32 = 0x1_0000_0000;

export interface TimerParts {
  readonly keyGroup: number;
  readonly timestamp: number;
  readonly key: unknown;
  /** Where the key begins in the bytes, and where it ends and the namespace begins. */
  readonly keyStart: number;
  readonly keyEnd: number;
}

/** `namespace`: as layout.encode() gives it. */
export function timerKey(
  layout: KeyLayout,
  stateId: number,
  timer: Pick<TimerParts, 'keyGroup' | 'timestamp' | 'key'>,
  namespace: Uint8Array,
): Uint8Array {
  const prefix = layout.keyPrefix(timer.keyGroup, timer.key);
  const group = prefix.subarray(0, layout.groupBytes);
  const key = prefix.subarray(layout.groupBytes);
  return layout.entryKey(stateId, group, timeBytes(timer.timestamp), key, namespace);
}

export function readTimerKey(layout: KeyLayout, entryKey: Uint8Array): TimerParts {
  const input = new ByteReader(entryKey, 'the key of a timer in the store');
  input.seek(STATE_ID_BYTES);
  const keyGroup = layout.readGroup(input);
  const high = input.readU32() - TWO_TO_31;
  const timestamp = high * TWO_TO_32 + input.readU32();
  const keyStart = input.offset;
  const key = layout.key.deserialize(input);
  return { keyGroup, timestamp, key, keyStart, keyEnd: input.offset };
}

/** The same timer as a heap snapshot has it. */
export function timerContent(
  layout: KeyLayout,
  entryKey: Uint8Array,
  sequence: number,
): Uint8Array {
  const { timestamp, keyStart } = readTimerKey(layout, entryKey);
  const writer = new ByteWriter();
  writer.writeSignedVarint(timestamp);
  writer.writeVarint(sequence);
  writer.writeRaw(entryKey.subarray(keyStart));
  return writer.take();
}

/** Of a safe integer: the upper half has 21 bits and a sign. */
function timeBytes(timestamp: number): Uint8Array {
  const high = Math.floor(timestamp / TWO_TO_32);
  const low = timestamp - high * TWO_TO_32;
  const bytes = new Uint8Array(TIME_BYTES);
  for (const [at, half] of [high + TWO_TO_31, low].entries()) {
    for (let byte = 0; byte < 4; byte++) bytes[4 * at + byte] = half >>> (24 - 8 * byte);
  }
  return bytes;
}
