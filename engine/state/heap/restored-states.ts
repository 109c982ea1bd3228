// What was restored and is still waiting for the job to ask for it. Entries are decoded when their
// state is requested, by the serializers the job brings; what is never requested goes on into
// every snapshot.

import type { ByteReader } from '../../stream/byte-reader.ts';
import { readerOf } from '../../stream/serializers/schema.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import { intersects } from '../assign-keyed-handles.ts';
import type { KeyedStateBackendOptions } from '../state-backend.ts';
import { checkWritten, otherBackend, otherKind, schemaChanged } from './restore-checks.ts';
import type { StateKind, StateMeta } from './snapshot-format.ts';
import { stateIdOf } from './snapshot-format.ts';
import type { RawBlock } from './snapshot-reader.ts';
import { readBlock, readSnapshot } from './snapshot-reader.ts';
import type { CapturedBlock } from './snapshot-writer.ts';

/** How to decode the entries of one state. */
export interface Decoding<V> {
  readonly key: TypeSerializer<unknown>;
  readonly namespace: TypeSerializer<unknown>;
  readonly content: TypeSerializer<V>;
}

export interface DecodedEntry<V> {
  readonly key: unknown;
  readonly namespace: unknown;
  readonly keyGroup: number;
  readonly value: V;
}

export class RestoredStates {
  readonly #operatorName: string;
  readonly #blocks = new Map<string, RawBlock[]>();

  constructor(operatorName: string, blocks: readonly RawBlock[]) {
    this.#operatorName = operatorName;
    for (const block of blocks) {
      const id = stateIdOf(block.meta);
      const found = this.#blocks.get(id);
      if (found === undefined) this.#blocks.set(id, [block]);
      else found.push(block);
    }
  }

  /** All blocks nobody took, ascending by key group. */
  untouched(): readonly RawBlock[] {
    return [...this.#blocks.values()].flat().sort((left, right) => left.keyGroup - right.keyGroup);
  }

  /**
   * What goes on into a snapshot, described in `metas`. Handles of one checkpoint each bring their
   * own metas, mostly equal ones.
   */
  captureUntouched(metas: StateMeta[]): readonly CapturedBlock[] {
    const indexes = new Map<string, number>();
    return this.untouched().map((block) => {
      const id = JSON.stringify(block.meta);
      const meta = indexes.get(id) ?? metas.push(block.meta) - 1;
      indexes.set(id, meta);
      return { meta, block };
    });
  }

  /** Hands out the blocks of a state, once. OP-E404 if the checkpoint knows it as another kind. */
  take(kind: StateKind, name: string): readonly RawBlock[] {
    const id = stateIdOf({ kind, name });
    const blocks = this.#blocks.get(id) ?? [];
    const other = blocks.find((block) => block.meta.kind !== kind);
    if (other !== undefined) throw otherKind(name, this.#operatorName, [other.meta.kind, kind]);
    this.#blocks.delete(id);
    return blocks;
  }

  /** Decodes the entries of one block; OP-E405 and OP-E407 if their schema does not fit. */
  decode<V>(block: RawBlock, how: Decoding<V>, visit: (entry: DecodedEntry<V>) => void): void {
    const { meta, keyGroup } = block;
    this.checkNamespace(block, how.namespace);
    if (how.content.compatibilityWith(meta.content) === 'incompatible') {
      throw schemaChanged('OP-E407', meta.name, meta.content, this.#operatorName);
    }
    const content = readerOf(how.content, meta.content);
    readBlock(block, (input: ByteReader) => {
      const namespace = how.namespace.deserialize(input);
      const key = how.key.deserialize(input);
      visit({ key, namespace, keyGroup, value: content.deserialize(input) });
    });
  }

  /** Namespaces find entries as keys do, so they may not migrate either. */
  checkNamespace(block: RawBlock, namespace: TypeSerializer<unknown>): void {
    if (namespace.compatibilityWith(block.meta.namespace) === 'as-is') return;
    const { name, namespace: written } = block.meta;
    throw schemaChanged('OP-E405', `${name} (namespace)`, written, this.#operatorName);
  }
}

/** Reads the handles and keeps the key groups of the backend's range. */
export async function restoreStates(
  options: KeyedStateBackendOptions,
  key: TypeSerializer<unknown>,
): Promise<RestoredStates> {
  const blocks: RawBlock[] = [];
  for (const handle of options.restore) {
    if (!intersects(handle.range, options.range)) continue;
    if (handle.kind === 'incremental') throw otherBackend(handle, options.operatorName);
    const bytes = await options.read(handle.state);
    const snapshot = readSnapshot(handle, bytes, options.range);
    checkWritten(snapshot.header, options, key);
    for (const block of snapshot.blocks) blocks.push(block);
  }
  return new RestoredStates(options.operatorName, blocks);
}
