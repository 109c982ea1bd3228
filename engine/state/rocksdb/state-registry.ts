// The states of one store: which id each has, and every schema its values were ever written under.
// Goes into each snapshot, so that bytes written by an older job keep their meaning.

import { assert } from '../../core/assert.ts';
import type { SerializerSnapshot, TypeSerializer } from '../../stream/type-serializer.ts';
import { otherKind, schemaChanged } from '../heap/restore-checks.ts';
import type { StateKind } from '../heap/snapshot-format.ts';
import { stateIdOf } from '../heap/snapshot-format.ts';

/** Two bytes. */
const MAX_STATES = 0x1_0000;
const VOID = 'void';

/** How values of a state were written; they name it by its place in the list. */
export interface StoredSchema {
  readonly content: SerializerSnapshot;
  /**
   * When a time to live was first declared for values that carry no stamp: they count from then,
   * also after a restore.
   */
  stampedAt: number | undefined;
}

export interface StoredState {
  readonly id: number;
  readonly kind: StateKind;
  readonly name: string;
  /** One, unless handles that disagree were put together: then no serializer fits. */
  readonly namespaces: readonly SerializerSnapshot[];
  readonly schemas: readonly StoredSchema[];
}

export class RegisteredState implements StoredState {
  readonly id: number;
  readonly kind: StateKind;
  readonly name: string;
  readonly namespaces: SerializerSnapshot[] = [];
  readonly schemas: StoredSchema[] = [];
  /** False where the store surely has nothing of it. */
  mayHaveEntries = false;

  constructor(id: number, kind: StateKind, name: string) {
    this.id = id;
    this.kind = kind;
    this.name = name;
  }

  /** One entry per key at most, at a place that the key alone gives. */
  get isSingle(): boolean {
    return this.kind !== 'map' && this.namespaces.every(({ id }) => id === VOID);
  }

  addNamespace(namespace: SerializerSnapshot): void {
    if (!this.namespaces.some((known) => isSame(known, namespace))) this.namespaces.push(namespace);
  }

  /** The number of the schema. */
  addSchema(content: SerializerSnapshot, stampedAt?: number): number {
    const known = this.schemas.findIndex((schema) => isSame(schema.content, content));
    return known >= 0 ? known : this.schemas.push({ content, stampedAt }) - 1;
  }
}

/** What a job declares of a state when it asks for it. */
export interface DeclaredState {
  readonly kind: StateKind;
  readonly name: string;
  readonly namespace: TypeSerializer<unknown>;
  /** Reads what may be there. */
  readonly reading: TypeSerializer<unknown>;
}

export class StateRegistry {
  readonly #operatorName: string;
  readonly #states = new Map<string, RegisteredState>();

  constructor(operatorName: string) {
    this.#operatorName = operatorName;
  }

  get all(): readonly RegisteredState[] {
    return [...this.#states.values()];
  }

  /** What lies in the store by key: all but timers. */
  get byKey(): readonly RegisteredState[] {
    return this.all.filter(({ kind }) => kind !== 'timers');
  }

  get timers(): readonly RegisteredState[] {
    return this.all.filter(({ kind }) => kind === 'timers');
  }

  /** As it is now, for a snapshot. */
  describe(): readonly StoredState[] {
    return this.all.map(({ id, kind, name, namespaces, schemas }) => {
      return { id, kind, name, namespaces: [...namespaces], schemas: schemas.map(copyOf) };
    });
  }

  /** The states of the checkpoint that the store was made from, under their ids. */
  restore(states: readonly StoredState[]): void {
    assert(this.#states.size === 0, 'Cannot restore the states of a store: it has some already');
    for (const stored of states) this.#fill(this.#add(stored, stored.id), stored);
  }

  /** A state of another store; its entries take the id of the result, and these schemas. */
  merge(stored: StoredState): {
    readonly state: RegisteredState;
    readonly schemas: readonly number[];
  } {
    const state = this.#states.get(stateIdOf(stored)) ?? this.#add(stored, this.#states.size);
    this.#checkKind(state, stored.kind);
    return { state, schemas: this.#fill(state, stored) };
  }

  /** OP-E404 another kind, OP-E405 another namespace, OP-E407 a schema that cannot be read. */
  open(declared: DeclaredState): RegisteredState {
    const { kind, name, namespace, reading } = declared;
    const known = this.#states.get(stateIdOf(declared));
    const state = known ?? this.#add(declared, this.#states.size);
    this.#checkKind(state, kind);
    for (const written of state.namespaces) {
      if (namespace.compatibilityWith(written) === 'as-is') continue;
      throw schemaChanged('OP-E405', `${name} (namespace)`, written, this.#operatorName);
    }
    for (const { content } of state.schemas) {
      if (reading.compatibilityWith(content) !== 'incompatible') continue;
      throw schemaChanged('OP-E407', name, content, this.#operatorName);
    }
    state.addNamespace(namespace.snapshot());
    return state;
  }

  #add({ kind, name }: Pick<StoredState, 'kind' | 'name'>, id: number): RegisteredState {
    assert(id < MAX_STATES, `Cannot open state "${name}": a store has room for ${MAX_STATES}`);
    const state = new RegisteredState(id, kind, name);
    this.#states.set(stateIdOf(state), state);
    return state;
  }

  #fill(state: RegisteredState, stored: StoredState): readonly number[] {
    state.mayHaveEntries = true;
    for (const namespace of stored.namespaces) state.addNamespace(namespace);
    return stored.schemas.map(({ content, stampedAt }) => state.addSchema(content, stampedAt));
  }

  #checkKind(state: RegisteredState, kind: StateKind): void {
    if (state.kind === kind) return;
    throw otherKind(state.name, this.#operatorName, [state.kind, kind]);
  }
}

function copyOf(schema: StoredSchema): StoredSchema {
  return { ...schema };
}

function isSame(left: SerializerSnapshot, right: SerializerSnapshot): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
