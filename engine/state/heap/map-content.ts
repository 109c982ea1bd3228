// The content of a map state as bytes. In memory user keys are lookup keys; written are the keys
// themselves, by the user's serializer. As any key, a user key may not migrate.

import type {
  SchemaCompatibility,
  SerializerSnapshot,
  TypeSerializer,
} from '../../stream/type-serializer.ts';
import { readerOf } from '../../stream/serializers/schema.ts';
import type { LookupKey } from '../lookup-key.ts';
import { keyOfLookup, lookupKeyOf } from '../lookup-key.ts';

const ID = 'map-state';

export function mapContent<UK, UV>(
  key: TypeSerializer<UK>,
  value: TypeSerializer<UV>,
): TypeSerializer<Map<LookupKey, UV>> {
  return {
    serialize(map, output) {
      output.writeVarint(map.size);
      for (const [lookup, item] of map) {
        key.serialize(keyOfLookup(lookup) as UK, output);
        value.serialize(item, output);
      }
    },
    deserialize(input) {
      const map = new Map<LookupKey, UV>();
      for (let left = input.readVarint(); left > 0; left--) {
        const lookup = lookupKeyOf(key.deserialize(input));
        map.set(lookup, value.deserialize(input));
      }
      return map;
    },
    copy(map) {
      const copied = new Map<LookupKey, UV>();
      for (const [lookup, item] of map) copied.set(lookup, value.copy(item));
      return copied;
    },
    snapshot: () => ({ id: ID, version: 1, elements: [key.snapshot(), value.snapshot()] }),
    compatibilityWith: (written) => verdict(key, value, written),
    migrating: (written) => mapContent(key, readerOf(value, partOf(written, 1))),
  };
}

function verdict<UK, UV>(
  key: TypeSerializer<UK>,
  value: TypeSerializer<UV>,
  written: SerializerSnapshot,
): SchemaCompatibility {
  if (written.id !== ID || written.version !== 1) return 'incompatible';
  if (key.compatibilityWith(partOf(written, 0)) !== 'as-is') return 'incompatible';
  return value.compatibilityWith(partOf(written, 1));
}

function partOf(written: SerializerSnapshot, index: number): SerializerSnapshot {
  return written.elements?.[index] ?? { id: 'missing', version: 0 };
}
