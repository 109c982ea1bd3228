// The real world against the contracts of the seam, and what only the real world can show.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import test, { type ExecutionContext } from 'ava';

import { clockContract } from '../clock.contract.ts';
import type { FileSystem } from '../filesystem.ts';
import { fileSystemContract } from '../filesystem.contract.ts';
import { address } from '../network.ts';
import { networkContract } from '../network.contract.ts';
import { randomContract } from '../random.contract.ts';
import { SeededRandom } from '../seeded-random.ts';
import { fails } from '../vocabulary.contract.ts';
import { LoopbackNetwork } from './loopback-network.ts';
import { NodeClock } from './node-clock.ts';
import { nodeEnvironment } from './node-environment.ts';
import { NodeFileSystem } from './node-filesystem.ts';
import { nodeRandom, nodeRandomBytes } from './node-random.ts';

randomContract('SeededRandom', (seed) => new SeededRandom(seed));
clockContract('NodeClock', () => ({ clock: new NodeClock(), until }));
networkContract('LoopbackNetwork', () => {
  const network = new LoopbackNetwork();
  return { host: (name) => network.open(address(name)), until };
});
fileSystemContract('NodeFileSystem', openTemporary);

test('nodeRandom() gives every process its own dice', (t) => {
  t.not(nodeRandom().below(2 ** 32), nodeRandom().below(2 ** 32));
});

test('nodeRandomBytes() never gives the same bytes twice', (t) => {
  const drawn = Array.from({ length: 50 }, () => Buffer.from(nodeRandomBytes(16)).toString('hex'));
  t.is(new Set(drawn).size, 50);
  t.true(drawn.every((text) => text.length === 32));
});

test('NodeClock goes on after a timer that throws', async (t) => {
  const program = `
    import { NodeClock } from ${JSON.stringify(new URL('./node-clock.ts', import.meta.url).href)};
    process.on('uncaughtException', () => process.stdout.write('caught;'));
    const clock = new NodeClock();
    clock.schedule(0, () => { throw new Error('first'); });
    clock.schedule(0, () => process.stdout.write('second;'));
    clock.schedule(3, () => process.stdout.write('third'));
  `;
  t.is(await outputOf(program), 'caught;second;third');
});

test('NodeClock keeps the process alive for what is scheduled, and no longer', async (t) => {
  const program = `
    import { NodeClock } from ${JSON.stringify(new URL('./node-clock.ts', import.meta.url).href)};
    const clock = new NodeClock();
    clock.schedule(1e9, () => undefined).cancel();
    clock.schedule(20, () => process.stdout.write('done'));
  `;
  t.is(await outputOf(program), 'done');
});

test('LoopbackNetwork delivers in order and loses what is sent to a closed host', async (t) => {
  const network = new LoopbackNetwork();
  const sender = network.open(address('tm-1'));
  const received: number[] = [];
  network.open(address('tm-2')).listen((_, bytes) => received.push(bytes[0] ?? -1));
  for (let index = 0; index < 100; index++) sender.send(address('tm-2'), Uint8Array.of(index));
  await until(() => received.length === 100);
  t.deepEqual(
    received,
    Array.from({ length: 100 }, (_, index) => index),
  );
  network.close(address('tm-2'));
  sender.send(address('tm-2'), Uint8Array.of(1));
  await sleep(5);
  t.is(received.length, 100);
});

test('nodeEnvironment() is one host with the root it was given', async (t) => {
  const root = await temporaryDirectory(t);
  const environment = nodeEnvironment({ address: address('tm-7'), root });
  t.is(environment.network.local, address('tm-7'));
  await environment.filesystem.write('/a', Uint8Array.of(1));
  t.deepEqual(await new NodeFileSystem(root).list('/'), ['a']);
});

test('NodeFileSystem keeps the error of the machine as the cause', async (t) => {
  const files = await openTemporary(t);
  const error = await fails(t, 'ENOENT', files.read('/none'));
  t.true(error?.cause instanceof Error);
});

async function openTemporary(t: ExecutionContext): Promise<FileSystem> {
  return new NodeFileSystem(await temporaryDirectory(t));
}

async function temporaryDirectory(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'onceproof-'));
  t.teardown(() => rm(directory, { recursive: true }));
  return directory;
}

async function until(isDone: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 5_000; attempt++) {
    if (isDone()) return;
    await sleep(1);
  }
  throw new Error('Cannot wait any longer: the condition never held');
}

async function outputOf(program: string): Promise<string> {
  const nodeArguments = ['--no-warnings', '--input-type=module', '--eval', program];
  const child = spawn(process.execPath, nodeArguments, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child, 'close');
  return output;
}
