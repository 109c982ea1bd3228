// The simulated store against the contract of the seam, in both variants, and what its files do.

import test from 'ava';

import { OnceproofError } from '../../../engine/core/errors.ts';
import { keyValueStoreContract } from '../../../engine/environment/key-value-store.contract.ts';
import { fill } from '../../../engine/environment/key-value-bench.contract.ts';
import { contents, del, put } from '../../../engine/environment/key-value-vocabulary.contract.ts';
import { fails } from '../../../engine/environment/vocabulary.contract.ts';
import { DiskBench } from '../../filesystem/disk-bench.ts';
import { simulatedKeyValueStores } from './simulated-key-value-stores.ts';

for (const driver of ['rocksdb-native', 'rocksdb-js']) {
  keyValueStoreContract(`LsmStore as ${driver}`, async () => {
    const filesystem = new DiskBench(`contract ${driver}`).mount();
    return { stores: simulatedKeyValueStores(filesystem), filesystem, options: { driver } };
  });
}

async function openLsm(directory = '/store', bench = new DiskBench('lsm')) {
  const files = bench.mount();
  const stores = simulatedKeyValueStores(files);
  return { bench, files, stores, store: await stores.open({ directory }) };
}

test('compaction removes the tables it merged, and deleted entries with them', async (t) => {
  const { files, store, stores } = await openLsm();
  for (let round = 0; round < 8; round++) {
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    await store.write(keys.map((key) => put(key, 'x'.repeat(50))));
    await store.write(keys.map(del));
  }
  await store.close();
  const reopened = await stores.open({ directory: '/store' });
  t.deepEqual(await contents(reopened), []);
  const names = await files.list('/store');
  t.true(names.filter((name) => name.endsWith('.sst')).length < 4, names.join(' '));
  t.is(names.filter((name) => name.startsWith('MANIFEST')).length, 1);
  t.true(names.includes('CURRENT'));
});

test('tables that new keys do not touch are not written again', async (t) => {
  const { store } = await openLsm();
  await fill(store, 'first', 1_000);
  const first = await store.checkpoint('/chk-1');
  for (let round = 0; round < 40; round++) {
    await store.write([put('z', `${round} ${'.'.repeat(1_000)}`)]);
  }
  const second = await store.checkpoint('/chk-2');
  const shared = second.immutable.filter((name) => first.immutable.includes(name));
  t.true(shared.length > 5, `${shared.length} of ${first.immutable.length}`);
  t.true(shared.length < second.immutable.length);
});

test('any damaged, cut, missing or exchanged file of a store is noticed', async (t) => {
  const { bench, files, store, stores } = await openLsm();
  await fill(store, 'first', 400);
  await store.checkpoint('/chk');
  const expected = await contents(store);
  await fill(store, 'second', 400);
  await store.checkpoint('/other');
  const names = await files.list('/chk');
  t.true(names.length > 3);
  for (const name of names) {
    const path = `/chk/${name}`;
    const intact = await files.read(path);
    const refused = async (how: string): Promise<void> => {
      const error = await fails(t, 'EIO', readAll());
      t.true(error?.path.startsWith('/chk/'), `${how} ${name}`);
      await files.write(path, intact);
      t.deepEqual(await readAll(), expected, `mended ${name}`);
    };
    for (let bit = 0; bit < intact.length * 8; bit += 997) {
      bench.disk.flipBit(path, bit);
      await refused(`flip ${bit}`);
    }
    await files.truncate(path, intact.length - 1);
    await refused('cut');
    await files.truncate(path, 0);
    await refused('emptied');
    await files.truncate(path, intact.length + 1);
    await refused('extended');
    await files.remove(path);
    await refused('removed');
    const [other] = (await files.list('/other')).filter((own) => own.endsWith(name.slice(-4)));
    if (other === undefined || name === 'CURRENT') continue;
    await files.write(path, await files.read(`/other/${other}`));
    await refused('exchanged');
  }

  async function readAll(): Promise<string[]> {
    return contents(await stores.open({ directory: '/chk', readOnly: true }));
  }
});

test('a table of the same name, size and form is not taken for another', async (t) => {
  const { files, stores } = await openLsm();
  for (const name of ['left', 'right']) {
    const store = await stores.open({ directory: `/${name}` });
    await store.write([put('a', name.padEnd(5))]);
    await store.checkpoint(`/chk-${name}`);
  }
  const [table] = (await files.list('/chk-left')).filter((name) => name.endsWith('.sst'));
  t.deepEqual(await files.status(`/chk-left/${table}`), await files.status(`/chk-right/${table}`));
  await files.write(`/chk-left/${table}`, await files.read(`/chk-right/${table}`));
  const error = await fails(t, 'EIO', stores.open({ directory: '/chk-left', readOnly: true }));
  t.is(error?.path, `/chk-left/${table}`);
});

test('a store that cannot be opened for reading cannot be opened for writing either', async (t) => {
  const { files, store, stores } = await openLsm();
  await fill(store, 'first', 400);
  await store.checkpoint('/chk');
  await files.remove('/chk/CURRENT');
  await fails(t, 'EIO', stores.open({ directory: '/chk' }));
});

test('an unknown driver is refused by name', async (t) => {
  const { stores } = await openLsm();
  const error = await t.throwsAsync(stores.open({ directory: '/x', driver: 'leveldb' }), {
    instanceOf: OnceproofError,
  });
  t.is(error?.code, 'OP-E330');
});
