// Nothing that the tests start may outlive them, however they end; and a server that fails to start
// must say why.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { ServerProcess, waitUntil } from './server-process.ts';

/** A server with a child: both say who they are, and live until something ends them. */
const SERVER = `
import { spawn } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
const [, , place, isChild] = process.argv;
console.log('serving');
if (!isChild) spawn(process.execPath, [process.argv[1], place, 'child'], { stdio: 'inherit' });
const name = isChild ? 'child' : 'parent';
writeFileSync(place + '/new-' + name, String(process.pid));
renameSync(place + '/new-' + name, place + '/' + name);
setInterval(() => undefined, 1_000);
`;

async function directoryOf(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'onceproof-process-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'server.mjs'), SERVER);
  return directory;
}

function startIn(directory: string, program: string, ...args: string[]): ServerProcess {
  const log = join(directory, 'log');
  return new ServerProcess({ name: 'server', program, args, directory, log });
}

async function pidsIn(directory: string): Promise<readonly number[]> {
  const texts = ['parent', 'child'].map((name) => readFile(join(directory, name), 'utf8'));
  return (await Promise.all(texts)).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function waitForEnd(pids: readonly number[]): Promise<void> {
  while (pids.some(isAlive)) await sleep(10);
}

const WAITING = { what: 'It serves', timeoutMs: 30_000 };

test('kill() ends a server and whatever it has started', async (t) => {
  const directory = await directoryOf(t);
  const server = startIn(directory, process.execPath, join(directory, 'server.mjs'), directory);
  const isUp = async () => (await pidsIn(directory)).length === 2;
  await waitUntil(isUp, { ...WAITING, processes: [server] });
  const pids = await pidsIn(directory);
  t.true(pids.every(isAlive));
  await server.kill();
  t.true(server.hasEnded);
  await waitForEnd(pids);
  await server.kill();
  t.pass();
});

test('a server does not outlive the program that started it', async (t) => {
  const directory = await directoryOf(t);
  const module = new URL('./server-process.ts', import.meta.url).href;
  const starter = `
    import { ServerProcess } from '${module}';
    const [, place] = process.argv;
    new ServerProcess({ name: 'server', program: process.execPath,
      args: [place + '/server.mjs', place], directory: place, log: place + '/log' });
  `;
  const args = ['--no-warnings', '--input-type=module', '--eval', starter, directory];
  const program = spawn(process.execPath, args, { stdio: 'ignore' });
  const isUp = async () => (await pidsIn(directory)).length === 2;
  await waitUntil(isUp, { ...WAITING, processes: [] });
  const pids = await pidsIn(directory);
  program.kill('SIGKILL');
  await once(program, 'exit');
  await waitForEnd(pids);
  t.pass();
});

test('waitUntil() rejects with the log of a server that has ended by itself', async (t) => {
  const directory = await directoryOf(t);
  const server = startIn(directory, 'sh', '-c', 'echo no such thing >&2; exit 3');
  const waiting = { ...WAITING, processes: [server] };
  const error = await t.throwsAsync(waitUntil(() => Promise.resolve(false), waiting));
  t.regex(error?.message ?? '', /^server has ended by itself\n[^\n]*\n {4}no such thing$/);
});

test('waitUntil() rejects with the log when the time is up', async (t) => {
  const directory = await directoryOf(t);
  const server = startIn(directory, 'sh', '-c', 'echo busy; sleep 60');
  t.teardown(() => server.kill());
  await waitUntil(() => Promise.resolve(server.logTail().includes('busy')), {
    ...WAITING,
    processes: [server],
  });
  const waiting = { what: 'It answers', timeoutMs: 200, processes: [server] };
  const error = await t.throwsAsync(waitUntil(() => Promise.reject(new Error('refused')), waiting));
  t.regex(error?.message ?? '', /^It answers: not within 0.2 s\n[^\n]*\n {4}busy$/);
});

test('a program that does not exist is a server that has ended', async (t) => {
  const directory = await directoryOf(t);
  const server = startIn(directory, 'onceproof-no-such-program');
  const waiting = { ...WAITING, processes: [server] };
  const error = await t.throwsAsync(waitUntil(() => Promise.resolve(false), waiting));
  t.regex(error?.message ?? '', /onceproof-no-such-program/);
});
