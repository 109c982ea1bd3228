// Places in HDFS: what is read, what is refused, what is shown.

import test from 'ava';
import fc from 'fast-check';

import { OnceproofError } from '../../core/errors.ts';
import { parseWebHdfsPlace, pathInCluster, printWebHdfsPlace } from './web-hdfs-place.ts';

test('a place names its NameNodes, with the usual port, a path and a user', (t) => {
  t.deepEqual(parseWebHdfsPlace('webhdfs://nn-1,nn-2:50070/flink/a%20b/?user.name=jo%40x'), {
    nameNodes: ['http://nn-1:9870', 'http://nn-2:50070'],
    path: '/flink/a b',
    user: 'jo@x',
  });
  t.deepEqual(parseWebHdfsPlace('swebhdfs://nn-1?delegation=abc'), {
    nameNodes: ['https://nn-1:9871'],
    path: '/',
    delegationToken: 'abc',
  });
});

test('what is no place in HDFS is OP-E540', (t) => {
  for (const place of [
    '',
    'hdfs://nn-1/a',
    'webhdfs:///a',
    'webhdfs://nn-1:port/a',
    'webhdfs://nn 1/a',
    'webhdfs://nn-1,/a',
    'webhdfs://nn-1/a?user=jo',
    'webhdfs://nn-1/%zz',
    'webhdfs://nn-1/a#b',
  ]) {
    const error = t.throws(() => parseWebHdfsPlace(place), { instanceOf: OnceproofError }, place);
    t.is(error?.code, 'OP-E540');
  }
});

test('a path that is shown is found again, in the cluster of either NameNode only', (t) => {
  const nameNodes = ['http://nn-1:9870', 'http://nn-2:9870'];
  const name = fc.string({ minLength: 1 }).filter((text) => !/[/\0]|^\.{1,2}$/.test(text));
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      const path = `/${names.join('/')}`;
      const shown = printWebHdfsPlace(nameNodes, path);
      t.is(pathInCluster(nameNodes, shown), path);
      t.is(pathInCluster(['http://nn-2:9870'], shown), path);
      t.is(pathInCluster(['http://nn-3:9870'], shown), undefined);
      t.is(pathInCluster(nameNodes, path), path);
    }),
  );
  t.is(pathInCluster(nameNodes, 's3://bucket/a'), undefined);
});

test('what is shown holds no token', (t) => {
  const { nameNodes, path } = parseWebHdfsPlace('webhdfs://nn-1/a?delegation=secret');
  t.is(printWebHdfsPlace(nameNodes, path), 'webhdfs://nn-1:9870/a');
});
