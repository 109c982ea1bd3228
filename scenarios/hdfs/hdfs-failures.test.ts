// What HDFS does to a client on a bad day, and that the client's store keeps its promises then:
// what it says is stored is there, whole; what it says is not published never is.

import test from 'ava';

import { FileSystemError } from '../../engine/environment/filesystem.ts';
import { OnceproofError } from '../../engine/core/errors.ts';
import { bytesOf, fails, textOf } from '../../engine/environment/vocabulary.contract.ts';
import { CLIENT, type HdfsBench, hdfsBench } from './hdfs-bench.ts';

test('a client finds the active NameNode, and the other one after a failover', async (t) => {
  const bench = await hdfsBench('0000000000000101');
  const { world, hdfs, open, settle } = bench;
  const [first, second] = hdfs.nameNodes;
  if (first === undefined || second === undefined) throw new Error('Cannot do without a pair');
  const store = open();
  await settle(store.makeDirectory('/base'));
  await settle(store.publish('/base/a', bytesOf('before'), 'jm'));
  at(bench, () => world.crash(first));
  await settle(store.publish('/base/b', bytesOf('after'), 'jm'));
  t.is(textOf(await settle(store.read('/base/a'))), 'before');
  // The first one comes back as standby; then the second one goes.
  at(bench, () => world.restart(first));
  await world.run({ until: () => false, deadlineMs: world.nowMs + 5_000 });
  at(bench, () => world.crash(second));
  t.deepEqual(await settle(store.list('/base')), ['a', 'b']);
  await settle(store.publish('/base/c', bytesOf('again'), 'jm'));
  t.is(textOf(await settle(store.read('/base/b'))), 'after');
});

test('everything that was acknowledged survives a crash of all of HDFS', async (t) => {
  const bench = await hdfsBench('0000000000000102');
  const { world, hdfs, open, settle } = bench;
  const store = open();
  await settle(store.makeDirectory('/base/deep'));
  const texts = Array.from({ length: 20 }, (_, index) => `artefact ${index}`.repeat(3_000));
  for (const [index, text] of texts.entries()) {
    await settle(store.publish(`/base/deep/${index}`, bytesOf(text), 'jm'));
  }
  await settle(store.removeTree('/base/deep/7'));
  at(bench, () => {
    for (const host of [...hdfs.nameNodes, hdfs.dataNode]) {
      world.crash(host);
      world.restart(host);
    }
  });
  for (const [index, text] of texts.entries()) {
    if (index === 7) await fails(t, 'ENOENT', settle(store.read(`/base/deep/${index}`)));
    else t.is(await textAt(bench, `/base/deep/${index}`), text);
  }
});

test('lost answers are settled: nothing is done twice, nothing is left out', async (t) => {
  const bench = await hdfsBench('0000000000000103');
  const { world, hdfs, open, settle } = bench;
  const store = open({ chunkBytes: 50_000 });
  await settle(store.makeDirectory('/base'));
  for (const [host, faults] of hdfs.faults) {
    faults.begin({ effect: 'lost', oneIn: 3, random: world.random.fork(`lost ${host}`) });
  }
  for (let index = 0; index < 12; index += 1) {
    const path = `/base/${index}`;
    await settle(store.publish(path, bytesOf(`published ${index}`), 'jm'));
    const writer = await settle(store.create(`${path}-large`));
    for (let part = 0; part < 4; part += 1) await settle(writer.write(partOf(index, part)));
    await settle(writer.close());
  }
  t.true(await settle(store.remove('/base/3')));
  t.false(await settle(store.remove('/base/3')));
  const expected = Array.from({ length: 12 }, (_, index) => [`${index}`, `${index}-large`])
    .flat()
    .filter((name) => name !== '3');
  t.deepEqual(await settle(store.list('/base')), expected.toSorted());
  for (let index = 0; index < 12; index += 1) {
    const parts = [0, 1, 2, 3].map((part) => textOf(partOf(index, part)));
    t.is(await textAt(bench, `/base/${index}-large`), parts.join(''));
    if (index !== 3) t.is(await textAt(bench, `/base/${index}`), `published ${index}`);
  }
});

test('refusals of busy servers are waited out', async (t) => {
  const bench = await hdfsBench('0000000000000104');
  const { world, hdfs, open, settle } = bench;
  const store = open();
  const random = world.random.fork('busy');
  for (const faults of hdfs.faults.values()) {
    faults.begin({ effect: 'unavailable', oneIn: 5, random: random.fork('unavailable') });
    faults.begin({ effect: 'throttled', oneIn: 6, random: random.fork('throttled') });
    faults.begin({ effect: 'server-error', oneIn: 7, random: random.fork('server-error') });
  }
  await settle(store.makeDirectory('/base'));
  for (let index = 0; index < 20; index += 1) {
    await settle(store.publish(`/base/${index}`, bytesOf(String(index)), 'jm'));
  }
  for (let index = 0; index < 20; index += 1) {
    t.is(await textAt(bench, `/base/${index}`), String(index));
  }
});

test('a file whose DataNode died in the middle is never an artefact', async (t) => {
  const bench = await hdfsBench('0000000000000105');
  const { world, hdfs, open, settle } = bench;
  const store = open();
  await settle(store.makeDirectory('/base'));
  const large = bytesOf('0123456789'.repeat(20_000));
  const writer = await settle(store.create('/base/a'));
  await settle(writer.write(large));
  const closing = writer.close();
  // Some blocks are on its disk by then.
  world.at(world.nowMs + 150, 'crash', () => {
    world.crash(hdfs.dataNode);
    world.restart(hdfs.dataNode);
  });
  await settle(closing);
  t.is(await textAt(bench, '/base/a'), longTextOf(large));
  t.deepEqual(await settle(store.list('/base')), ['a']);
});

test('a client that died leaves nothing under the name for its successor', async (t) => {
  const bench = await hdfsBench('0000000000000106');
  const { world, open, settle } = bench;
  const store = open({ chunkBytes: 10_000 });
  await settle(store.makeDirectory('/base'));
  const writer = await settle(store.create('/base/a'));
  await settle(writer.write(bytesOf('x'.repeat(25_000))));
  void writer.write(bytesOf('y'.repeat(25_000)));
  at(bench, () => {
    world.crash(CLIENT);
    world.restart(CLIENT);
  });
  await world.run({ until: () => false, deadlineMs: world.nowMs + 1_000 });
  const next = open();
  t.is(await settle(next.status('/base/a')), undefined);
  await settle(next.publish('/base/a', bytesOf('successor'), 'jm-2'));
  t.is(await textAt(bench, '/base/a'), 'successor');
  const left = await settle(next.list('/base'));
  t.true(
    left.some((name) => name.startsWith('a.inprogress.')),
    left.join(),
  );
  await settle(next.removeTree('/base'));
  t.deepEqual(await settle(next.list('/base')), []);
});

test('an append whose DataNode died is undone and done again', async (t) => {
  const bench = await hdfsBench('0000000000000107');
  const { world, hdfs, open, settle } = bench;
  const store = open({ chunkBytes: 60_000 });
  await settle(store.makeDirectory('/base'));
  const writer = await settle(store.create('/base/a'));
  await settle(writer.write(bytesOf('a'.repeat(60_000))));
  const appending = writer.write(bytesOf('b'.repeat(60_000)));
  world.at(world.nowMs + 60, 'crash', () => {
    world.crash(hdfs.dataNode);
    world.restart(hdfs.dataNode);
  });
  await settle(appending);
  await settle(writer.write(bytesOf('c'.repeat(60_000))));
  await settle(writer.close());
  const expected = 'a'.repeat(60_000) + 'b'.repeat(60_000) + 'c'.repeat(60_000);
  t.is(await textAt(bench, '/base/a'), expected);
});

test('safe mode is waited out, within a bound', async (t) => {
  const bench = await hdfsBench('0000000000000108', { nameNodes: 1, safeModeMs: 20_000 });
  const { world, open, settle } = bench;
  const store = open({ safeModeWaitMs: 60_000 });
  await settle(store.makeDirectory('/base'));
  t.true(world.nowMs >= 20_000);
  const strict = await hdfsBench('0000000000000109', { nameNodes: 1, safeModeMs: 200_000 });
  const impatient = strict.open({ safeModeWaitMs: 10_000 });
  await fails(t, 'EROFS', strict.settle(impatient.makeDirectory('/base')));
  t.true(strict.world.nowMs < 30_000);
});

test('a cluster that is gone is EIO, after a while', async (t) => {
  const bench = await hdfsBench('000000000000010a');
  const { world, hdfs, open, settle } = bench;
  const store = open({ giveUpAfterMs: 20_000 });
  await settle(store.makeDirectory('/base'));
  at(bench, () => hdfs.nameNodes.forEach((host) => world.crash(host)));
  const beganMs = world.nowMs;
  await fails(t, 'EIO', settle(store.read('/base/a')));
  await fails(t, 'EIO', settle(store.makeDirectory('/base/b')));
  t.true(world.nowMs - beganMs < 120_000);
  const late = settle(store.publish('/base/a', bytesOf('a'), 'jm'));
  const error = await t.throwsAsync(late, { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E507', 'no byte of it was ever taken');
});

test('what HDFS forbids is said as it is', async (t) => {
  const bench = await hdfsBench('000000000000010b', { readOnly: ['/sealed'] });
  const store = bench.open();
  await bench.settle(store.makeDirectory('/base'));
  await fails(t, 'EACCES', bench.settle(store.makeDirectory('/sealed/a')));
  await bench.settle(store.publish('/base/file', bytesOf('x'), 'jm'));
  await fails(t, 'ENOTDIR', bench.settle(store.makeDirectory('/base/file')));
  await fails(t, 'ENOTDIR', bench.settle(store.makeDirectory('/base/file/below')));
  const secured = await hdfsBench('000000000000010c', { delegationTokens: ['right'] });
  const right = secured.open({ delegationToken: 'right' });
  await secured.settle(right.makeDirectory('/base'));
  const wrong = secured.open({ delegationToken: 'wrong' });
  const refused = await fails(t, 'EACCES', secured.settle(wrong.list('/base')));
  t.regex(String(refused?.cause), /InvalidToken/);
});

test('a NameNode that was paused and replaced neither lies nor keeps anything', async (t) => {
  const bench = await hdfsBench('000000000000010d');
  const { world, hdfs, open, settle } = bench;
  const [first, second] = hdfs.nameNodes;
  if (first === undefined || second === undefined) throw new Error('Cannot do without a pair');
  const store = open();
  await settle(store.makeDirectory('/base'));
  const zombies = open({ nameNodes: [`http://${first}:9870`], giveUpAfterMs: 5_000 });
  await settle(zombies.publish('/base/early', bytesOf('early'), 'jm'));
  at(bench, () => world.pause(first));
  await settle(store.publish('/base/late', bytesOf('late'), 'jm'));
  at(bench, () => world.wake(first));
  const error = await t.throwsAsync(settle(zombies.list('/base')), { instanceOf: FileSystemError });
  t.regex(String(error?.cause), /StandbyException/);
  t.deepEqual(await settle(store.list('/base')), ['early', 'late']);
});

/** As a step of the world, at its present time. */
function at({ world }: HdfsBench, action: () => void): void {
  world.at(world.nowMs, 'act', action);
}

async function textAt({ open, settle }: HdfsBench, path: string): Promise<string> {
  return longTextOf(await settle(open().read(path)));
}

/** Of bytes that are too many for the arguments of one call. */
function longTextOf(bytes: Uint8Array): string {
  let text = '';
  for (let offset = 0; offset < bytes.length; offset += 10_000) {
    text += textOf(bytes.subarray(offset, offset + 10_000));
  }
  return text;
}

function partOf(index: number, part: number): Uint8Array {
  return bytesOf(`${index}/${part} `.repeat(6_000));
}
