// The part of the KeyValueStore contract about what is in a store: order, reads, writes, ranges.

import test from 'ava';

import type { KeyValueStore } from './key-value-store.ts';
import { fill, numbered, type OpenStores, StoreBench } from './key-value-bench.contract.ts';
import { contents, del, get, put, scan } from './key-value-vocabulary.contract.ts';
import { bytesOf, fails, textOf } from './vocabulary.contract.ts';

export function contentContract(name: string, open: OpenStores): void {
  test(`${name}: a read sees every write before it and none after it`, async (t) => {
    const store = await new StoreBench(t, await open(t)).open();
    const calls = [
      get(store, 'a', 'b'),
      store.write([put('a', '1'), put('b', '1')]),
      get(store, 'a', 'b'),
      store.write([put('a', '2'), del('b')]),
      scan(store, 'a'),
      store.write([put('b', '3')]),
      get(store, 'b', 'a', 'c', 'b'),
    ];
    const [first, , second, , third, , fourth] = await Promise.all(calls);
    t.deepEqual(first, [undefined, undefined]);
    t.deepEqual(second, ['1', '1']);
    t.deepEqual(third, ['a=2']);
    t.deepEqual(fourth, ['3', '2', undefined, '3']);
  });

  test(`${name}: keys compare as unsigned bytes, the shorter one first`, async (t) => {
    const store = await new StoreBench(t, await open(t)).open();
    const keys = ['b', 'a\0', 'a', '\xff\xff', '\x80', 'a\xff', '\x7f', '\0', 'aa', '\xff'];
    await store.write(keys.map((key) => put(key, key)));
    const ascending = ['\0', 'a', 'a\0', 'aa', 'a\xff', 'b', '\x7f', '\x80', '\xff', '\xff\xff'];
    t.deepEqual(
      await contents(store),
      ascending.map((key) => `${key}=${key}`),
    );
  });

  test(`${name}: scan() takes what is in its range, no more than its limit`, async (t) => {
    const store = await new StoreBench(t, await open(t)).open();
    await store.write(['a', 'ab', 'b', 'c', 'd'].map((key) => put(key, '')));
    t.deepEqual(await scan(store, 'ab', 'c'), ['ab=', 'b=']);
    t.deepEqual(await scan(store, 'aa', 'bb'), ['ab=', 'b=']);
    t.deepEqual(await scan(store, 'c'), ['c=', 'd=']);
    t.deepEqual(await scan(store, 'c', '\xff\xff'), ['c=', 'd=']);
    t.deepEqual(await scan(store, 'a', undefined, 2), ['a=', 'ab=']);
    t.deepEqual(await scan(store, 'b', 'd', 2), ['b=', 'c=']);
    t.deepEqual(await scan(store, 'b', 'd', 9), ['b=', 'c=']);
    t.deepEqual(await scan(store, 'a', undefined, 0), []);
    t.deepEqual(await scan(store, 'b', 'b'), []);
    t.deepEqual(await scan(store, 'c', 'a'), []);
    t.deepEqual(await scan(store, 'e'), []);
  });

  test(`${name}: an empty store has nothing, and no keys ask for nothing`, async (t) => {
    const store = await new StoreBench(t, await open(t)).open();
    t.deepEqual(await contents(store), []);
    t.deepEqual(await get(store), []);
    t.deepEqual(await get(store, 'a'), [undefined]);
    await store.write([]);
    t.deepEqual(await contents(store), []);
  });

  test(`${name}: of two writes of one key in one call the last one counts`, async (t) => {
    const store = await new StoreBench(t, await open(t)).open();
    await store.write([put('a', '1'), put('a', '2'), put('b', '1'), del('b'), del('c')]);
    t.deepEqual(await contents(store), ['a=2']);
    await store.write([del('a'), put('a', '3')]);
    t.deepEqual(await contents(store), ['a=3']);
  });

  test(`${name}: empty values, every byte value and 2 MiB come back as they were`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    const large = Uint8Array.from(
      { length: 2 * 1024 * 1024 },
      (_, at) => (at * 31 + (at >> 9)) & 255,
    );
    const every = Uint8Array.from({ length: 256 }, (_, value) => value);
    await store.write([
      put('empty', ''),
      { key: bytesOf('large'), value: large },
      { key: bytesOf('every'), value: every },
    ]);
    await fill(store, 'more', 200);
    await check(store);
    await store.close();
    await check(await bench.open());

    async function check(reader: KeyValueStore): Promise<void> {
      const values = await reader.getMany(['empty', 'every', 'large'].map(bytesOf));
      t.deepEqual(values[0], new Uint8Array());
      t.deepEqual(values[1], every);
      t.true(Buffer.from(values[2] ?? []).equals(large));
      const [scanned] = await reader.scan({ from: bytesOf('large'), to: undefined });
      t.true(Buffer.from(scanned?.value ?? []).equals(large));
    }
  });

  test(`${name}: what is handed out belongs to the caller`, async (t) => {
    const store = await new StoreBench(t, await open(t)).open();
    await store.write([put('a', 'before')]);
    for (let round = 0; round < 2; round++) {
      const [value] = await store.getMany([bytesOf('a')]);
      const [entry] = await store.scan({ from: bytesOf('a'), to: undefined });
      t.is(textOf(value ?? new Uint8Array()), 'before');
      t.is(textOf(entry?.value ?? new Uint8Array()), 'before');
      for (const bytes of [value, entry?.value, entry?.key]) {
        t.is(Object.getPrototypeOf(bytes), Uint8Array.prototype);
        bytes?.fill(0);
      }
    }
    t.deepEqual(await contents(store), ['a=before']);
  });

  test(`${name}: many more keys than fit a buffer are all found, and stay deleted`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    await fill(store, 'first');
    await fill(store, 'second', 3_000);
    await fill(store, 'third', 1_000);
    const gone = Array.from({ length: 1_000 }, (_, index) => numbered(4 * index + 1));
    await store.write(gone.map(del));
    const isGone = new Set(gone);
    const expected = Array.from({ length: 4_000 }, (_, index) => {
      const round = index < 1_000 ? 'third' : index < 3_000 ? 'second' : 'first';
      return isGone.has(numbered(index)) ? [] : [`${numbered(index)}=${round}${'.'.repeat(60)}`];
    }).flat();
    t.deepEqual(await contents(store), expected);
    const asked = [0, 1, 999, 1_000, 2_999, 3_000, 3_999, 4_000].map(numbered);
    const rounds = (await get(store, ...asked)).map((value) => String(value).replace(/\.*$/, ''));
    const found = [
      'third',
      'undefined',
      'third',
      'second',
      'second',
      'first',
      'first',
      'undefined',
    ];
    t.deepEqual(rounds, found);
    t.deepEqual(await scan(store, numbered(997), undefined, 3), expected.slice(748, 751));
    await store.close();
    t.deepEqual(await contents(await bench.open()), expected);
  });

  test(`${name}: after close() every call rejects; what was called before is done`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const store = await bench.open();
    const write = store.write([put('a', '1')]);
    const closing = store.close();
    await fails(t, 'EINVAL', store.getMany([bytesOf('a')]));
    await fails(t, 'EINVAL', store.scan({ from: bytesOf('a'), to: undefined }));
    await fails(t, 'EINVAL', store.write([put('b', '1')]));
    await fails(t, 'EINVAL', store.checkpoint('/disk/late'));
    await Promise.all([write, closing, store.close()]);
    t.is(await bench.filesystem.status('/disk/late'), undefined);
    t.deepEqual(await contents(await bench.open()), ['a=1']);
  });

  test(`${name}: stores of different directories have nothing in common`, async (t) => {
    const bench = new StoreBench(t, await open(t));
    const [left, right] = [await bench.open('/disk/left'), await bench.open('/disk/right')];
    await Promise.all([left.write([put('a', 'left')]), right.write([put('a', 'right')])]);
    t.deepEqual(await contents(left), ['a=left']);
    t.deepEqual(await contents(right), ['a=right']);
  });

  test(`${name}: synchronous access, where there is one, agrees with the other`, async (t) => {
    const store = await new StoreBench(t, await open(t)).open();
    const { synchronous } = store;
    if (synchronous === undefined) {
      t.pass();
      return;
    }
    const unawaited = store.write([put('a', '1'), put('b', '1')]);
    t.is(textOf(synchronous.get(bytesOf('a')) ?? new Uint8Array()), '1');
    synchronous.write([put('a', '2'), del('b'), put('c', '2')]);
    t.is(synchronous.get(bytesOf('b')), undefined);
    const all = synchronous.scan({ from: bytesOf('a'), to: undefined });
    t.deepEqual(
      all.map(({ key, value }) => `${textOf(key)}=${textOf(value)}`),
      ['a=2', 'c=2'],
    );
    t.deepEqual(await contents(store), ['a=2', 'c=2']);
    await unawaited;
    await store.close();
    t.throws(() => synchronous.get(bytesOf('a')), { message: /EINVAL/ });
    t.throws(() => synchronous.write([put('a', '1')]), { message: /EINVAL/ });
  });
}
