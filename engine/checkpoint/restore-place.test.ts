// Places to start from, as users write them: credentials leave the URL, and settings that go with a
// place are kept from the storage of the job.

import test from 'ava';

import { restorePointOf } from './restore-place.ts';

const resolve = (path: string): string => (path.startsWith('/') ? path : `/home/${path}`);
const encryption = { key: () => ({ id: 'k', bytes: new Uint8Array(32) }) };

test('a directory is made absolute, with or without the metadata in it', (t) => {
  for (const place of ['saved', 'saved/', 'saved/_metadata', { place: 'saved' }]) {
    t.deepEqual(restorePointOf(place, resolve), { pointer: '/home/saved', clients: {} });
  }
  t.is(restorePointOf('/', resolve).pointer, '/');
});

test('a URL stays as it is', (t) => {
  for (const place of ['s3://bucket/a?b', 'file:///saved', 'druid://router:8888/saved']) {
    t.deepEqual(restorePointOf(place, resolve), { pointer: place, clients: {} });
  }
});

test('user and token of HDFS leave the URL, and what is given apart comes first', (t) => {
  const place = 'webhdfs://one:9870,two:9870/saved?user.name=flink&delegation=secret';
  const pointer = 'webhdfs://one:9870,two:9870/saved';
  const credentials = { user: 'flink', delegationToken: 'secret' };
  t.deepEqual(restorePointOf(place, resolve), {
    pointer,
    clients: { webHdfs: credentials, apart: pointer },
  });
  t.deepEqual(restorePointOf({ place, webHdfs: { user: 'other' } }, resolve).clients, {
    webHdfs: { ...credentials, user: 'other' },
    apart: pointer,
  });
  t.deepEqual(restorePointOf(pointer, resolve), { pointer, clients: {} });
});

test('with keys of its own a directory is a place apart', (t) => {
  const pointer = 'file:///home/saved';
  t.deepEqual(restorePointOf({ place: 'saved', encryption }, resolve), {
    pointer,
    clients: { encryption, apart: pointer },
  });
});

test('a scheme that nothing reads is OP-E581, no place in HDFS is OP-E540', (t) => {
  t.throws(() => restorePointOf('ftp://host/saved', resolve), { code: 'OP-E581' });
  t.throws(() => restorePointOf('webhdfs:///saved', resolve), { code: 'OP-E540' });
});
