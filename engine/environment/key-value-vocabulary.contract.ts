// The words of the KeyValueStore contract: text as keys and values, and what a store holds.

import type { KeyValueStore, KeyValueWrite } from './key-value-store.ts';
import { bytesOf, textOf } from './vocabulary.contract.ts';

const FIRST_KEY = Uint8Array.of(0);

export function put(key: string, value: string): KeyValueWrite {
  return { key: bytesOf(key), value: bytesOf(value) };
}

export function del(key: string): KeyValueWrite {
  return { key: bytesOf(key), value: undefined };
}

export async function get(store: KeyValueStore, ...keys: string[]): Promise<unknown[]> {
  const values = await store.getMany(keys.map(bytesOf));
  return values.map((value) => (value === undefined ? undefined : textOf(value)));
}

/** As 'key=value'. */
export async function scan(
  store: KeyValueStore,
  from: string,
  to?: string,
  limit?: number,
): Promise<string[]> {
  const entries = await store.scan({
    from: bytesOf(from),
    to: to === undefined ? undefined : bytesOf(to),
    ...(limit === undefined ? {} : { limit }),
  });
  return entries.map(({ key, value }) => `${textOf(key)}=${textOf(value)}`);
}

/** As 'key=value'. */
export async function contents(store: KeyValueStore): Promise<string[]> {
  const entries = await store.scan({ from: FIRST_KEY, to: undefined });
  return entries.map(({ key, value }) => `${textOf(key)}=${textOf(value)}`);
}
