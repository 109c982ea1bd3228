// Stamped values as bytes, and how states with and without a time to live become each other: a
// value written without a stamp is taken as updated now, a stamp that is no longer wanted is
// dropped.

import { assert } from '../../core/assert.ts';
import type { ByteReader } from '../../stream/byte-reader.ts';
import { readerOf } from '../../stream/serializers/schema.ts';
import type {
  SchemaCompatibility,
  SerializerSnapshot,
  TypeSerializer,
} from '../../stream/type-serializer.ts';
import type { Stamped } from './ttl-policy.ts';

const ID = 'stamped';

export function stampedSerializer<T>(
  inner: TypeSerializer<T>,
  now: () => number,
): TypeSerializer<Stamped<T>> {
  const serializer: TypeSerializer<Stamped<T>> = {
    serialize(value, output) {
      output.writeSignedVarint(value.stamp);
      inner.serialize(value.value, output);
    },
    deserialize(input) {
      const stamp = input.readSignedVarint();
      return { value: inner.deserialize(input), stamp };
    },
    copy: (value) => ({ value: inner.copy(value.value), stamp: value.stamp }),
    snapshot: () => ({ id: ID, version: 1, elements: [inner.snapshot()] }),
    compatibilityWith(written) {
      const stamped = innerOf(written);
      if (stamped !== undefined) return inner.compatibilityWith(stamped);
      return evenIfSame(inner.compatibilityWith(written));
    },
    migrating(written) {
      const stamped = innerOf(written);
      if (stamped !== undefined) return stampedSerializer(readerOf(inner, stamped), now);
      const reader = readerOf(inner, written);
      const deserialize = (input: ByteReader) => ({
        value: reader.deserialize(input),
        stamp: now(),
      });
      return { ...serializer, deserialize };
    },
  };
  return serializer;
}

/** Reads what `inner` reads, and the same with stamps. For reading only. */
export function unstamping<T>(inner: TypeSerializer<T>): TypeSerializer<T> {
  return {
    serialize: (value, output) => inner.serialize(value, output),
    deserialize: (input) => inner.deserialize(input),
    copy: (value) => inner.copy(value),
    snapshot: () => inner.snapshot(),
    compatibilityWith(written) {
      const stamped = innerOf(written);
      if (stamped === undefined) return inner.compatibilityWith(written);
      return evenIfSame(inner.compatibilityWith(stamped));
    },
    migrating(written) {
      const stamped = innerOf(written);
      if (stamped === undefined) return inner.migrating(written);
      const reader = readerOf(inner, stamped);
      return {
        ...unstamping(inner),
        deserialize(input) {
          input.readSignedVarint();
          return reader.deserialize(input);
        },
      };
    },
  };
}

/** The schema below the stamp; undefined where there is no stamp. */
function innerOf(written: SerializerSnapshot): SerializerSnapshot | undefined {
  if (written.id !== ID) return undefined;
  const inner = written.elements?.[0];
  assert(inner !== undefined, 'Cannot read stamped values: the schema below the stamp is missing');
  return inner;
}

/** With or without a stamp the bytes differ, so even the same schema has to migrate. */
function evenIfSame(verdict: SchemaCompatibility): SchemaCompatibility {
  return verdict === 'as-is' ? 'after-migration' : verdict;
}
