// What was restored and is still waiting for the job to ask for it. Entries are decoded when their
// state is requested, by the serializers the job brings; what is never requested goes on into
// every snapshot.

import { OnceproofError } from '../../core/errors.ts';
import type { ByteReader } from '../../stream/byte-reader.ts';
import { readerOf } from '../../stream/serializers/schema.ts';
import type { SerializerSnapshot, TypeSerializer } from '../../stream/type-serializer.ts';
import { intersects } from '../assign-keyed-handles.ts';
import type { KeyedStateBackendOptions } from '../state-backend.ts';
import type { StateKind } from './snapshot-format.ts';
import type { RawBlock } from './snapshot-reader.ts';
import { readBlock, readSnapshot } from './snapshot-reader.ts';

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
      const id = idOf(block.meta.kind, block.meta.name);
      const found = this.#blocks.get(id);
      if (found === undefined) this.#blocks.set(id, [block]);
      else found.push(block);
    }
  }

  /** All blocks nobody took, ascending by key group. */
  untouched(): readonly RawBlock[] {
    return [...this.#blocks.values()].flat().sort((left, right) => left.keyGroup - right.keyGroup);
  }

  /** Hands out the blocks of a state, once. OP-E404 if the checkpoint knows it as another kind. */
  take(kind: StateKind, name: string): readonly RawBlock[] {
    const id = idOf(kind, name);
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
      throw this.#schemaChanged('OP-E407', meta.name, meta.content);
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
    throw this.#schemaChanged('OP-E405', `${block.meta.name} (namespace)`, block.meta.namespace);
  }

  #schemaChanged(
    code: 'OP-E405' | 'OP-E407',
    name: string,
    written: SerializerSnapshot,
  ): OnceproofError {
    const message =
      `Cannot restore state "${name}": it was written as "${written.id}", which the ` +
      'serializer declared now does not read';
    const remedy =
      code === 'OP-E405'
        ? 'Keep the serializers of keys, namespaces and user keys as they were'
        : 'Keep the type of the value; a struct may lose fields, and gain them with a default or ' +
          'as optional';
    return new OnceproofError(code, message, { place: `operator "${this.#operatorName}"`, remedy });
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
    const bytes = await options.read(handle.state);
    const snapshot = readSnapshot(handle, bytes, options.range);
    checkMaxParallelism(snapshot.header.maxParallelism, options);
    if (key.compatibilityWith(snapshot.header.key) !== 'as-is') {
      throw keyChanged(snapshot.header.key, options.operatorName);
    }
    for (const block of snapshot.blocks) blocks.push(block);
  }
  return new RestoredStates(options.operatorName, blocks);
}

export function otherKind(
  name: string,
  operatorName: string,
  [before, now]: readonly [StateKind, StateKind],
): OnceproofError {
  return new OnceproofError(
    'OP-E404',
    `Cannot open "${name}" as ${now} state: it is ${before} state`,
    { place: `operator "${operatorName}"`, remedy: 'Give each state of an operator its own name' },
  );
}

/** Timers have names of their own; all other kinds share one set of names. */
function idOf(kind: StateKind, name: string): string {
  return kind === 'timers' ? `timers/${name}` : `state/${name}`;
}

function checkMaxParallelism(written: number, options: KeyedStateBackendOptions): void {
  if (written === options.maxParallelism) return;
  throw new OnceproofError(
    'OP-E313',
    `Cannot restore keyed state: it was written with maximum parallelism ${written}, the job has ` +
      `${options.maxParallelism}`,
    {
      place: `operator "${options.operatorName}"`,
      remedy: `Set the maximum parallelism to ${written}`,
    },
  );
}

function keyChanged(written: SerializerSnapshot, operatorName: string): OnceproofError {
  return new OnceproofError(
    'OP-E405',
    `Cannot restore keyed state: its keys were written as "${written.id}", which the key ` +
      'serializer declared now does not read as it is',
    { place: `operator "${operatorName}"`, remedy: 'Keep the type of the key as it was' },
  );
}
