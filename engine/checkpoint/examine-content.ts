// Looks into an artefact whose bytes are known to be those that were written: whether they are what
// their format says, which states they hold, and how much of each. Decodes no user value, so it
// needs neither the job nor its serializers. OP-E402, OP-E408 and OP-E504 as the readers throw.

import { readSnapshot } from '../state/heap/snapshot-reader.ts';
import { readOperatorStates } from '../state/operator-state/operator-state-format.ts';
import type { KeyGroupRange, KeyGroupsStateHandle } from '../state/state-handle.ts';
import { ByteReader } from '../stream/byte-reader.ts';

export interface ExaminedState {
  readonly name: string;
  /** Of keyed state its kind, of operator state how it is dealt out. */
  readonly kind: string;
  /** Entries, elements or timers. */
  readonly entries: number;
  readonly sizeBytes: number;
}

export interface ExaminedContent {
  readonly format: string;
  /** Of keyed state. */
  readonly range: KeyGroupRange | undefined;
  /** Ascending by name. Empty where the format keeps them in other artefacts. */
  readonly states: readonly ExaminedState[];
}

/** Formats of key groups that can be looked into. */
const KEY_GROUP_FORMAT = 'heap';

export function examineKeyGroups(handle: KeyGroupsStateHandle, bytes: Uint8Array): ExaminedContent {
  const { format, range } = handle;
  if (format !== KEY_GROUP_FORMAT) return { format, range, states: [] };
  const { header, blocks } = readSnapshot(handle, bytes, range);
  const { first, last } = header.range;
  if (first !== range.first || last !== range.last) {
    const place = handle.state.kind === 'file' ? handle.state.path : '_metadata';
    new ByteReader(bytes, place).fail(`key groups ${first}..${last}, not those of its handle`);
  }
  const counts = new Map<string, ExaminedState>();
  for (const { kind, name } of header.metas) {
    counts.set(`${kind}/${name}`, { name, kind, entries: 0, sizeBytes: 0 });
  }
  for (const { meta, count, bytes: content } of blocks) {
    const { name, kind } = meta;
    const known = counts.get(`${kind}/${name}`) ?? { entries: 0, sizeBytes: 0 };
    const entries = known.entries + count;
    const sizeBytes = known.sizeBytes + content.length;
    counts.set(`${kind}/${name}`, { name, kind, entries, sizeBytes });
  }
  return { format, range, states: [...counts.values()].toSorted(byName) };
}

export function examineOperatorState(bytes: Uint8Array, place: string): ExaminedContent {
  const states = readOperatorStates(bytes, place).map(({ name, mode, elements }) => ({
    name,
    kind: mode,
    entries: elements.length,
    sizeBytes: elements.reduce((sum, element) => sum + element.bytes.length, 0),
  }));
  return { format: 'operator', range: undefined, states: states.toSorted(byName) };
}

/** Elements of a channel are counted only: to decode them takes the serializer of the edge. */
export function examineChannel(bytes: Uint8Array, place: string): ExaminedContent {
  const input = new ByteReader(bytes, place);
  const entries = input.readVarint();
  if (entries > input.remaining) input.fail(`${entries} elements in ${input.remaining} bytes`);
  const state = { name: 'in-flight data', kind: 'batches', entries, sizeBytes: bytes.length };
  return { format: 'channel', range: undefined, states: [state] };
}

function byName(left: ExaminedState, right: ExaminedState): number {
  if (left.name !== right.name) return left.name < right.name ? -1 : 1;
  return left.kind < right.kind ? -1 : 1;
}
