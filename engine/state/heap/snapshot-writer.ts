// The asynchronous part of a heap snapshot: writes what was captured, by key group, in chunks. It
// reads only what copy-on-write protects. Entries that are captured elsewhere, in files of a
// store, are written by whoever can read them.

import { assert } from '../../core/assert.ts';
import { OnceproofError } from '../../core/errors.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import type { KeyGroupRange, StateHandle } from '../state-handle.ts';
import type { CapturedTable } from './heap-table.ts';
import type { SnapshotHeader } from './snapshot-format.ts';
import type { SnapshotTarget } from './snapshot-frame.ts';
import { SnapshotFrame } from './snapshot-frame.ts';
import type { RawBlock } from './snapshot-reader.ts';
import type { TimerNode } from './timer-index.ts';

interface Captured {
  /** Index into the header's metas. */
  readonly meta: number;
  readonly name: string;
  readonly namespace: TypeSerializer<unknown>;
}
export interface CapturedState extends Captured {
  readonly table: CapturedTable<unknown>;
  readonly content: TypeSerializer<unknown>;
}
export interface CapturedTimers extends Captured {
  /** By key group, from the first of the range on. */
  readonly groups: readonly (readonly TimerNode<unknown>[])[];
}

/** A block goes into the section of its key group as it is. */
export interface CapturedBlock {
  readonly meta: number;
  readonly block: RawBlock;
}

export interface CapturedBackend {
  readonly operatorName: string;
  readonly header: SnapshotHeader;
  readonly key: TypeSerializer<unknown>;
  readonly states: readonly CapturedState[];
  readonly timers: readonly CapturedTimers[];
  /** States of the restored checkpoint that nobody asked for yet, ascending by key group. */
  readonly untouched: readonly CapturedBlock[];
}

/** Writes whole blocks of one key group. */
export type WriteSection = (keyGroup: number, frame: SnapshotFrame) => Promise<void>;

export class SnapshotWriter {
  readonly #backend: CapturedBackend;
  readonly #target: SnapshotTarget;
  readonly #frame: SnapshotFrame;
  readonly #writeMore: WriteSection | undefined;
  #untouchedAt = 0;

  /** `writeMore` adds what is captured elsewhere. */
  constructor(
    backend: CapturedBackend,
    target: Omit<SnapshotTarget, 'operatorName'>,
    writeMore?: WriteSection,
  ) {
    this.#backend = backend;
    this.#target = { ...target, operatorName: backend.operatorName };
    this.#frame = new SnapshotFrame(this.#target, backend.header);
    this.#writeMore = writeMore;
  }

  /** On failure nothing stays behind, and the failure is the caller's. */
  async write(): Promise<StateHandle> {
    try {
      const { first, last }: KeyGroupRange = this.#backend.header.range;
      for (let group = first; group <= last; group++) {
        await this.#writeSection(group, group - first);
        this.#frame.endSection();
      }
      return await this.#frame.finish();
    } catch (error) {
      await this.#target.output.discard();
      throw error;
    }
  }

  async #writeSection(group: number, index: number): Promise<void> {
    const { states, timers, untouched } = this.#backend;
    for (const state of states) {
      const count = state.table.groups[index]?.length ?? 0;
      for (let at = 0; at < count; ) {
        at = this.#writeEntries(state, index, at);
        if (this.#frame.isFull) await this.#frame.flush();
      }
    }
    if (this.#writeMore !== undefined) await this.#writeMore(group, this.#frame);
    for (const each of timers) {
      this.#writeTimers(each, index);
      if (this.#frame.isFull) await this.#frame.flush();
    }
    for (; untouched[this.#untouchedAt]?.block.keyGroup === group; this.#untouchedAt++) {
      const captured = untouched[this.#untouchedAt];
      if (captured !== undefined) this.#frame.writeBlock(captured.meta, captured.block);
      if (this.#frame.isFull) await this.#frame.flush();
    }
  }

  /** One block, from entry `start` to the end or to a full chunk. Returns the first not written. */
  #writeEntries(state: CapturedState, index: number, start: number): number {
    const entries = state.table.groups[index] ?? [];
    const { key, operatorName } = this.#backend;
    const frame = this.#frame;
    const block = frame.openBlock(state.meta);
    let at = start;
    try {
      while (at < entries.length && !frame.isFull) {
        const entry = entries[at++];
        if (entry === undefined) continue;
        state.namespace.serialize(entry.namespace, frame.writer);
        key.serialize(entry.key, frame.writer);
        state.content.serialize(entry.value, frame.writer);
      }
    } catch (error) {
      throw inState(error, state.name, operatorName);
    }
    frame.closeBlock(block, at - start);
    return at;
  }

  #writeTimers(timers: CapturedTimers, index: number): void {
    const nodes = timers.groups[index] ?? [];
    if (nodes.length === 0) return;
    const { writer } = this.#frame;
    const block = this.#frame.openBlock(timers.meta);
    for (const node of nodes) {
      writer.writeSignedVarint(node.timestamp);
      writer.writeVarint(node.sequence);
      this.#backend.key.serialize(node.key, writer);
      timers.namespace.serialize(node.namespace, writer);
    }
    this.#frame.closeBlock(block, nodes.length);
  }
}

/** Says whose value cannot be written; the value's own path is in the message. */
export function inState(error: unknown, stateName: string, operatorName: string): unknown {
  if (!(error instanceof OnceproofError)) return error;
  return new OnceproofError(error.code, error.message, {
    place: `state "${stateName}" of operator "${operatorName}"`,
    ...(error.remedy !== undefined && { remedy: error.remedy }),
    cause: error,
  });
}

/** Sorts captured timers into key groups, from the first of the range on. */
export function byKeyGroup<N>(
  nodes: readonly TimerNode<N>[],
  range: KeyGroupRange,
): readonly (readonly TimerNode<N>[])[] {
  const groups: TimerNode<N>[][] = [];
  for (let group = range.first; group <= range.last; group++) groups.push([]);
  for (const node of nodes) {
    const group = groups[node.keyGroup - range.first];
    assert(group !== undefined, 'Cannot write a timer: its key group is outside of the range');
    group.push(node);
  }
  return groups;
}
