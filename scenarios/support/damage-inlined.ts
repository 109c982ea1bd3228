// Damage to state that stands inside `_metadata`, with the checksum of the whole made right again:
// as a writer would leave it that had the state wrong in its memory.

import { referencesOf } from '../../engine/checkpoint/artefact-references.ts';
import { assert, present, unreachable } from '../../engine/core/assert.ts';
import { crc32c } from '../../engine/core/crc32c.ts';
import { ByteWriter } from '../../engine/stream/byte-writer.ts';
import type { Corruption } from '../../simulator/index.ts';
import type { Artefacts } from '../cluster/backends/backend-profile.ts';
import { type Changes, storedMetadata, type StoredMetadata } from './damage.ts';

const LENGTH_OFFSET = 8;
const CHECKSUM_OFFSET = 12;
const BODY_OFFSET = 16;

export function damageInlined(all: Artefacts, corruption: Corruption): Changes {
  const [newest, older] = storedMetadata(all);
  const stored = present(newest, 'Cannot damage inlined state: there is no checkpoint');
  const [mine, other] = inlinedIn(stored);
  const stale = older === undefined ? undefined : inlinedIn(older)[0];
  const bytes = present(all.get(stored.path), 'Cannot find the metadata');
  const state = present(mine, 'Cannot damage inlined state: there is none');
  const replacement = {
    content: changed(state, corruption, corruption === 'swap' ? other : stale),
    isLengthWrong: corruption === 'wrong-length',
  };
  // The later one first: the earlier one is then still the first to be found.
  const half =
    corruption === 'swap' && other !== undefined
      ? withContent(bytes, other, { content: state, isLengthWrong: false })
      : bytes;
  return new Map([[stored.path, withContent(half, state, replacement)]]);
}

/** Of keyed state, in the order of subtasks; no two alike. */
function inlinedIn({ metadata }: StoredMetadata): readonly Uint8Array[] {
  return referencesOf(metadata).flatMap(({ role, handle }) =>
    role === 'keyed-state' && handle.kind === 'inline' ? [handle.bytes] : [],
  );
}

function changed(
  state: Uint8Array,
  corruption: Corruption,
  other: Uint8Array | undefined,
): Uint8Array {
  switch (corruption) {
    case 'bit-flip':
      return state.map((byte, index) => (index === state.length >> 1 ? byte ^ 8 : byte));
    case 'truncate':
      return state.subarray(0, -1);
    case 'missing':
      return new Uint8Array(0);
    case 'swap':
    case 'stale':
      return present(other, 'Cannot find other inlined state');
    case 'duplicate':
      return Uint8Array.of(...state, ...state);
    case 'wrong-length':
      return state;
    default:
      return unreachable(corruption);
  }
}

function withContent(
  bytes: Uint8Array,
  before: Uint8Array,
  { content, isLengthWrong }: { readonly content: Uint8Array; readonly isLengthWrong: boolean },
): Uint8Array {
  const prefix = varint(before.length);
  const at = positionOf(bytes, Uint8Array.of(...prefix, ...before));
  const length = varint(content.length + (isLengthWrong ? 1 : 0));
  const rest = bytes.subarray(at + prefix.length + before.length);
  const whole = Uint8Array.of(...bytes.subarray(0, at), ...length, ...content, ...rest);
  const view = new DataView(whole.buffer);
  view.setUint32(LENGTH_OFFSET, whole.length - BODY_OFFSET);
  const head = crc32c(whole.subarray(0, CHECKSUM_OFFSET));
  view.setUint32(CHECKSUM_OFFSET, crc32c(whole.subarray(BODY_OFFSET), head));
  return whole;
}

function varint(value: number): Uint8Array {
  const writer = new ByteWriter();
  writer.writeVarint(value);
  return writer.take();
}

function positionOf(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = 0; at + part.length <= bytes.length; at++) {
    if (part.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  assert(false, 'Cannot find inlined state in its metadata');
}
