// Operator state: lists and broadcast maps of one operator subtask, always on the heap and small.
// A snapshot writes all bytes before it returns, so later changes cannot reach it. Restored states
// that the operator never asks for are kept.

import { OnceproofError } from '../../core/errors.ts';
import type { CheckpointId } from '../../core/ids.ts';
import type {
  CheckpointOutput,
  CheckpointStreamFactory,
} from '../../checkpoint/checkpoint-storage.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import { tupleOf } from '../../stream/serializers/container-serializers.ts';
import { genericSerializerOf } from '../../stream/serializers/generic-serializer.ts';
import { readerOf } from '../../stream/serializers/schema.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import type { ListState, MapState } from '../keyed-state.ts';
import type { OperatorStateBackend, OperatorStateDescription } from '../state-backend.ts';
import type { ListStateDescriptor, MapStateDescriptor } from '../state-descriptor.ts';
import type { OperatorStateHandle, StateHandle } from '../state-handle.ts';
import type { OperatorStateMode, RawElement, RawOperatorState } from './operator-state-format.ts';
import { readOperatorStates, writeOperatorStates } from './operator-state-format.ts';
import { BroadcastMapState, OperatorListState } from './operator-states.ts';
import type { RestoredOperatorState } from './repartition.ts';
import { repartitionOperatorState } from './repartition.ts';

interface OpenState {
  readonly mode: OperatorStateMode;
  readonly access: unknown;
  readonly elements: () => readonly unknown[];
  readonly serializer: TypeSerializer<unknown>;
}

export interface OperatorStateBackendOptions {
  readonly operatorName: string;
  readonly subtaskIndex: number;
  readonly parallelism: number;
  /** Of every subtask of the checkpoint, ascending, also where it has none. Empty: fresh start. */
  readonly restore: readonly (readonly OperatorStateHandle[])[];
  readonly read: (handle: StateHandle) => Promise<Uint8Array>;
}

export class DefaultOperatorStateBackend implements OperatorStateBackend {
  readonly #operatorName: string;
  readonly #restored = new Map<string, RestoredOperatorState>();
  readonly #states = new Map<string, OpenState>();

  constructor(operatorName: string, restored: readonly RestoredOperatorState[]) {
    this.#operatorName = operatorName;
    for (const state of restored) this.#restored.set(state.name, state);
  }

  listState<T>(descriptor: ListStateDescriptor<T>): ListState<T> {
    return this.#list(descriptor, 'split');
  }

  unionListState<T>(descriptor: ListStateDescriptor<T>): ListState<T> {
    return this.#list(descriptor, 'union');
  }

  broadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV> {
    const { name } = descriptor;
    const open = this.#find(name, 'broadcast');
    if (open !== undefined) return open.access as MapState<UK, UV>;
    const serializer = tupleOf<[UK, UV]>(
      descriptor.keySerializer ?? genericSerializerOf<UK>(),
      descriptor.valueSerializer ?? genericSerializerOf<UV>(),
    );
    const access = new BroadcastMapState<UK, UV>();
    access.putAll(this.#restore(name, 'broadcast', serializer));
    this.#states.set(name, {
      mode: 'broadcast',
      access,
      elements: () => [...access.entries()],
      serializer,
    });
    return access;
  }

  async snapshot(
    _checkpoint: CheckpointId,
    streams: CheckpointStreamFactory,
  ): Promise<OperatorStateHandle | undefined> {
    const states = [...this.#written(), ...this.#kept()];
    if (states.every((state) => state.elements.length === 0)) return undefined;
    const writer = new ByteWriter();
    writeOperatorStates(states, writer);
    const state = await store(writer.take(), streams.open('exclusive', 'operator'));
    return { kind: 'operator', state };
  }

  describe(): readonly OperatorStateDescription[] {
    const asked = this.#written();
    const waiting = Array.from(this.#restored.values());
    return [...asked, ...waiting].map(({ name, mode, elements }) => ({
      name,
      mode,
      elements: elements.map(({ bytes }) => bytes),
    }));
  }

  #list<T>(descriptor: ListStateDescriptor<T>, mode: 'split' | 'union'): ListState<T> {
    const { name } = descriptor;
    const open = this.#find(name, mode);
    if (open !== undefined) return open.access as ListState<T>;
    const serializer = descriptor.serializer ?? genericSerializerOf<T>();
    const access = new OperatorListState(name, this.#restore(name, mode, serializer));
    this.#states.set(name, {
      mode,
      access,
      elements: () => access.get(),
      serializer,
    });
    return access;
  }

  #find(name: string, mode: OperatorStateMode): OpenState | undefined {
    const open = this.#states.get(name);
    if (open !== undefined && open.mode !== mode) throw this.#otherMode(name, open.mode, mode);
    return open;
  }

  #restore<T>(name: string, mode: OperatorStateMode, serializer: TypeSerializer<T>): T[] {
    const restored = this.#restored.get(name);
    if (restored === undefined) return [];
    if (restored.mode !== mode) throw this.#otherMode(name, restored.mode, mode);
    const elements = restored.elements.map((element) => this.#decode(element, name, serializer));
    this.#restored.delete(name);
    return elements;
  }

  #decode<T>({ schema, bytes }: RawElement, name: string, serializer: TypeSerializer<T>): T {
    if (serializer.compatibilityWith(schema) === 'incompatible') {
      throw new OnceproofError(
        'OP-E407',
        `Cannot restore operator state "${name}": it was written as "${schema.id}", which the ` +
          'serializer declared now does not read',
        { place: `operator "${this.#operatorName}"`, remedy: 'Keep the type of the elements' },
      );
    }
    const input = new ByteReader(bytes, `operator state "${name}"`);
    const value = readerOf(serializer, schema).deserialize(input);
    if (input.remaining > 0) input.fail('bytes behind the element: another serializer wrote it');
    return value;
  }

  #written(): RawOperatorState[] {
    const writer = new ByteWriter();
    return Array.from(this.#states, ([name, { mode, elements, serializer }]) => {
      const schema = serializer.snapshot();
      const raw = elements().map((element): RawElement => {
        serializer.serialize(element, writer);
        return { schema, bytes: writer.take() };
      });
      return { mode, name, elements: raw };
    });
  }

  /** A union that nobody asked for is kept once, not once per subtask. */
  #kept(): RawOperatorState[] {
    return Array.from(this.#restored.values(), ({ mode, name, unclaimed }) => {
      return { mode, name, elements: unclaimed };
    });
  }

  #otherMode(name: string, before: OperatorStateMode, now: OperatorStateMode): OnceproofError {
    return new OnceproofError(
      'OP-E404',
      `Cannot open operator state "${name}" as ${now} state: it is ${before} state`,
      {
        place: `operator "${this.#operatorName}"`,
        remedy: 'Give each operator state a name of its own',
      },
    );
  }
}

/** Reads the states of all old subtasks and takes this subtask's share. */
export async function createOperatorStateBackend(
  options: OperatorStateBackendOptions,
): Promise<OperatorStateBackend> {
  const before: RawOperatorState[][] = [];
  for (const handles of options.restore) {
    const states: RawOperatorState[] = [];
    for (const { state } of handles) {
      const place = state.kind === 'file' ? `"${state.path}"` : 'operator state in the checkpoint';
      states.push(...readOperatorStates(await options.read(state), place));
    }
    before.push(states);
  }
  const shares = repartitionOperatorState(before, options.parallelism);
  return new DefaultOperatorStateBackend(options.operatorName, shares[options.subtaskIndex] ?? []);
}

async function store(bytes: Uint8Array, output: CheckpointOutput): Promise<StateHandle> {
  try {
    await output.write(bytes);
    return await output.close();
  } catch (error) {
    await output.discard();
    throw error;
  }
}
