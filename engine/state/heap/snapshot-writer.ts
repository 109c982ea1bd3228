// The asynchronous part of a heap snapshot: writes what was captured, by key group, in chunks.
// Between chunks the task goes on, so a chunk is the longest pause. It reads only what copy-on-
// write protects.

import { assert } from '../../core/assert.ts';
import { OnceproofError } from '../../core/errors.ts';
import type { CheckpointOutput } from '../../checkpoint/checkpoint-storage.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import type { KeyGroupRange, StateHandle } from '../state-handle.ts';
import type { CapturedTable } from './heap-table.ts';
import type { SnapshotHeader } from './snapshot-format.ts';
import { HEAP_SNAPSHOT_MAGIC, writeHeader } from './snapshot-format.ts';
import type { RawBlock } from './snapshot-reader.ts';
import type { TimerNode } from './timer-index.ts';

/** About a millisecond of serialization. */
const CHUNK_BYTES = 256 * 1024;

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

export class SnapshotWriter {
  readonly #backend: CapturedBackend;
  readonly #output: CheckpointOutput;
  /** Checked between chunks; gives the reason to stop, if there is one. */
  readonly #stopReason: () => string | undefined;
  readonly #writer = new ByteWriter(CHUNK_BYTES + CHUNK_BYTES / 4);
  #flushedBytes = 0;
  #untouchedAt = 0;

  constructor(
    backend: CapturedBackend,
    output: CheckpointOutput,
    stopReason: () => string | undefined,
  ) {
    this.#backend = backend;
    this.#output = output;
    this.#stopReason = stopReason;
  }

  /** On failure nothing stays behind, and the failure is the caller's. */
  async write(): Promise<StateHandle> {
    try {
      writeHeader(this.#backend.header, this.#writer);
      const lengths = await this.#writeSections();
      this.#writeIndex(lengths);
      await this.#flush();
      return await this.#output.close();
    } catch (error) {
      await this.#output.discard();
      throw error;
    }
  }

  async #writeSections(): Promise<readonly number[]> {
    const { first, last }: KeyGroupRange = this.#backend.header.range;
    const lengths: number[] = [];
    for (let group = first; group <= last; group++) {
      const start = this.#position;
      await this.#writeSection(group, group - first);
      this.#writer.writeU8(0);
      lengths.push(this.#position - start);
    }
    return lengths;
  }

  async #writeSection(group: number, index: number): Promise<void> {
    for (const state of this.#backend.states) {
      const count = state.table.groups[index]?.length ?? 0;
      let at = 0;
      while (at < count) {
        at = this.#writeEntries(state, index, at);
        if (this.#writer.length >= CHUNK_BYTES) await this.#flush();
      }
    }
    for (const timers of this.#backend.timers) {
      this.#writeTimers(timers, index);
      if (this.#writer.length >= CHUNK_BYTES) await this.#flush();
    }
    const { untouched } = this.#backend;
    for (; untouched[this.#untouchedAt]?.block.keyGroup === group; this.#untouchedAt++) {
      this.#writeBlock(untouched[this.#untouchedAt]);
      if (this.#writer.length >= CHUNK_BYTES) await this.#flush();
    }
  }

  /** One block, from entry `start` to the end or to a full chunk. Returns the first not written. */
  #writeEntries(state: CapturedState, index: number, start: number): number {
    const entries = state.table.groups[index] ?? [];
    const { key } = this.#backend;
    const block = this.#openBlock(state.meta);
    let at = start;
    try {
      while (at < entries.length && this.#writer.length < CHUNK_BYTES) {
        const entry = entries[at++];
        if (entry === undefined) continue;
        state.namespace.serialize(entry.namespace, this.#writer);
        key.serialize(entry.key, this.#writer);
        state.content.serialize(entry.value, this.#writer);
      }
    } catch (error) {
      throw this.#inState(error, state.name);
    }
    this.#closeBlock(block, at - start);
    return at;
  }

  #writeTimers(timers: CapturedTimers, index: number): void {
    const nodes = timers.groups[index] ?? [];
    if (nodes.length === 0) return;
    const block = this.#openBlock(timers.meta);
    for (const node of nodes) {
      this.#writer.writeSignedVarint(node.timestamp);
      this.#writer.writeVarint(node.sequence);
      this.#backend.key.serialize(node.key, this.#writer);
      timers.namespace.serialize(node.namespace, this.#writer);
    }
    this.#closeBlock(block, nodes.length);
  }

  #writeBlock(captured: CapturedBlock | undefined): void {
    if (captured === undefined) return;
    const { meta, block } = captured;
    this.#writer.writeVarint(meta + 1);
    this.#writer.writeU32(block.count);
    this.#writer.writeU32(block.bytes.length);
    this.#writer.writeRaw(block.bytes);
  }

  /** Returns the offset of the count. */
  #openBlock(meta: number): number {
    this.#writer.writeVarint(meta + 1);
    const offset = this.#writer.reserveU32();
    this.#writer.reserveU32();
    return offset;
  }

  #closeBlock(offset: number, count: number): void {
    this.#writer.patchU32(offset, count);
    this.#writer.patchU32(offset + 4, this.#writer.length - offset - 8);
  }

  #writeIndex(lengths: readonly number[]): void {
    const start = this.#writer.length;
    for (const length of lengths) this.#writer.writeVarint(length);
    this.#writer.writeU32(this.#writer.length - start);
    this.#writer.writeU32(HEAP_SNAPSHOT_MAGIC);
  }

  get #position(): number {
    return this.#flushedBytes + this.#writer.length;
  }

  async #flush(): Promise<void> {
    const bytes = this.#writer.take();
    this.#flushedBytes += bytes.length;
    await this.#output.write(bytes);
    const reason = this.#stopReason();
    if (reason === undefined) return;
    throw new OnceproofError('OP-E508', `Cannot finish the snapshot: ${reason}`, {
      place: `operator "${this.#backend.operatorName}"`,
    });
  }

  /** Says whose value cannot be written; the value's own path is in the message. */
  #inState(error: unknown, name: string): unknown {
    if (!(error instanceof OnceproofError)) return error;
    return new OnceproofError(error.code, error.message, {
      place: `state "${name}" of operator "${this.#backend.operatorName}"`,
      ...(error.remedy !== undefined && { remedy: error.remedy }),
      cause: error,
    });
  }
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
