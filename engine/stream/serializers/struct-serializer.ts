// Objects with declared fields, and how a declaration may change between two versions of a job:
//  1. A field was added: it gets its declared default; without one it must take undefined
//     (optionalOf, generic), and is undefined.
//  2. A field was removed, or moved: its bytes are stepped over, or read in the old order.
//  3. A field's own type may migrate. If it changed to another type, the struct is incompatible.

import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type {
  SchemaCompatibility,
  SerializerSnapshot,
  TypeSerializer,
} from '../type-serializer.ts';
import { readerOf, worstOf } from './schema.ts';
import { propertyStep, within, wrongType } from './serialization-error.ts';
import { canSkip, skipWritten } from './skip-written.ts';

type Fields<T> = { readonly [F in keyof T]-?: TypeSerializer<T[F]> };
type Loose = Record<string, unknown>;
type WrittenField = NonNullable<SerializerSnapshot['fields']>[number];
/** One field in the order of the bytes. Without a reader, it was removed. */
interface Step {
  readonly name: string;
  readonly written: SerializerSnapshot;
  readonly reader: TypeSerializer<unknown> | undefined;
}

/** Values have exactly these fields; further properties of a value are not written. */
export function structOf<T extends object>(
  fields: Fields<T>,
  defaults: Partial<T> = {},
): TypeSerializer<T> {
  const struct = new Struct(fields, defaults);
  return struct as unknown as TypeSerializer<T>;
}

class Struct implements TypeSerializer<Loose> {
  readonly #names: readonly string[];
  readonly #types: readonly TypeSerializer<unknown>[];
  readonly #defaults: ReadonlyMap<string, unknown>;

  constructor(fields: Readonly<Record<string, TypeSerializer<unknown>>>, defaults: object) {
    this.#names = Object.keys(fields);
    this.#types = Object.values(fields);
    this.#defaults = new Map<string, unknown>(Object.entries(defaults));
  }

  serialize(value: Loose, output: ByteWriter): void {
    if (typeof value !== 'object' || value === null) throw wrongType('an object', value);
    let index = 0;
    try {
      for (; index < this.#types.length; index++) {
        this.#types[index]?.serialize(value[this.#names[index] ?? ''], output);
      }
    } catch (error) {
      throw within(error, propertyStep(this.#names[index] ?? ''));
    }
  }

  deserialize(input: ByteReader): Loose {
    const value = newStruct();
    for (let index = 0; index < this.#types.length; index++) {
      value[this.#names[index] ?? ''] = this.#types[index]?.deserialize(input);
    }
    return value;
  }

  copy(value: Loose): Loose {
    const copy = newStruct();
    for (let index = 0; index < this.#types.length; index++) {
      const name = this.#names[index] ?? '';
      copy[name] = this.#types[index]?.copy(value[name]);
    }
    return copy;
  }

  snapshot(): SerializerSnapshot {
    const fields = this.#types.map((type, index) => ({
      name: this.#names[index] ?? '',
      type: type.snapshot(),
    }));
    return { id: 'struct', version: 1, fields };
  }

  compatibilityWith(written: SerializerSnapshot): SchemaCompatibility {
    if (written.id !== 'struct' || written.version !== 1) return 'incompatible';
    const before = written.fields ?? [];
    const isSameOrder =
      before.length === this.#names.length &&
      before.every((field, index) => field.name === this.#names[index]);
    return worstOf([
      isSameOrder ? 'as-is' : 'after-migration',
      ...before.map((field) => this.#verdictOn(field)),
      ...this.#added(before).map((name) => (this.#canFill(name) ? 'as-is' : 'incompatible')),
    ]);
  }

  migrating(written: SerializerSnapshot): TypeSerializer<Loose> {
    const before = written.fields ?? [];
    const steps = before.map(({ name, type }): Step => {
      const now = this.#typeOf(name);
      return { name, written: type, reader: now && readerOf(now, type) };
    });
    const added = this.#added(before);
    const deserialize = (input: ByteReader): Loose => this.#readOld(steps, added, input);
    return {
      serialize: (value, output) => this.serialize(value, output),
      deserialize,
      copy: (value) => this.copy(value),
      snapshot: () => this.snapshot(),
      compatibilityWith: (other) => this.compatibilityWith(other),
      migrating: (other) => this.migrating(other),
    };
  }

  /** Fields come out in the declared order, whatever the order of the bytes. */
  #readOld(steps: readonly Step[], added: readonly string[], input: ByteReader): Loose {
    const value = newStruct();
    for (const name of this.#names) value[name] = undefined;
    for (const { name, written, reader } of steps) {
      if (reader === undefined) skipWritten(written, input);
      else value[name] = reader.deserialize(input);
    }
    for (const name of added) value[name] = this.#defaultOf(name);
    return value;
  }

  #defaultOf(name: string): unknown {
    const value = this.#defaults.get(name);
    return value === undefined ? undefined : this.#typeOf(name)?.copy(value);
  }

  #verdictOn(field: WrittenField): SchemaCompatibility {
    const now = this.#typeOf(field.name);
    if (now !== undefined) return now.compatibilityWith(field.type);
    return canSkip(field.type) ? 'after-migration' : 'incompatible';
  }

  #typeOf(name: string): TypeSerializer<unknown> | undefined {
    return this.#types[this.#names.indexOf(name)];
  }

  #added(before: readonly WrittenField[]): readonly string[] {
    return this.#names.filter((name) => !before.some((field) => field.name === name));
  }

  #canFill(name: string): boolean {
    const id = this.#typeOf(name)?.snapshot().id;
    return this.#defaults.has(name) || id === 'optional' || id === 'generic';
  }
}

/** The user's own object: its fields are declared, so that none of them is an id. */
function newStruct(): Loose {
  return {};
}
