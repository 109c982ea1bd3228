// Users' programs as processes of their own: stopped with signals, killed without notice, started
// twice at the same time. Whatever happens, every record is in the output once.

import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

import { processOwner } from './process-owner.ts';

const PROGRAM = fileURLToPath(new URL('./testing/counting-program.ts', import.meta.url));
const RECORDS = 400;

async function directoryOf(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'onceproof-program-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

class Program {
  readonly messages: string[] = [];
  readonly exit: Promise<string | number | null>;
  readonly #child: ChildProcess;
  #stderr = '';

  constructor(directory: string, recordsPerSecond: number) {
    this.#child = fork(PROGRAM, [directory, String(RECORDS), String(recordsPerSecond)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.#child.on('message', (message: string) => this.messages.push(message));
    this.exit = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => resolve(signal ?? code));
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves once it has told of so many checkpoints, or has ended. */
  async checkpoints(count: number): Promise<void> {
    const seen = (): number =>
      this.messages.filter((message) => message === 'checkpoint-completed').length;
    await new Promise<void>((resolve) => {
      const look = (): void => (seen() < count ? undefined : resolve());
      this.#child.on('message', look);
      void this.exit.then(() => resolve());
      look();
    });
  }
}

async function committed(directory: string): Promise<readonly number[]> {
  const output = `${directory}/output`;
  const names = (await readdir(output)).filter((name) => !name.startsWith('.'));
  const texts = await Promise.all(names.map((name) => readFile(`${output}/${name}`, 'utf8')));
  return texts
    .flatMap((text) => text.split('\n').filter((line) => line !== ''))
    .map(Number)
    .sort((left, right) => left - right);
}

const ALL = Array.from({ length: RECORDS }, (_, index) => index);

test('SIGINT stops the job with a savepoint and ends the process; another goes on', async (t) => {
  const directory = await directoryOf(t);
  const first = new Program(directory, 100);
  await first.checkpoints(2);
  first.signal('SIGINT');
  t.is(await first.exit, 0);
  t.is(first.messages.at(-1), 'ended suspended');
  t.regex(first.stderr, /SIGINT: stopping the job/);
  t.true((await committed(directory)).length < RECORDS);
  const second = new Program(directory, 4_000);
  t.is(await second.exit, 0, second.stderr);
  t.is(second.messages.at(-1), 'ended finished');
  t.deepEqual(await committed(directory), ALL);
});

test('a second signal ends the process at once, and nothing is lost or repeated', async (t) => {
  const directory = await directoryOf(t);
  const first = new Program(directory, 100);
  await first.checkpoints(2);
  first.signal('SIGTERM');
  first.signal('SIGTERM');
  const end = await first.exit;
  // The job may have been quicker than the second signal.
  t.true(end === 'SIGTERM' || end === 0, String(end));
  t.is(await new Program(directory, 4_000).exit, 0);
  t.deepEqual(await committed(directory), ALL);
});

test('a killed process is followed at once, again and again, by one that goes on', async (t) => {
  const directory = await directoryOf(t);
  for (let kill = 1; kill <= 3; kill++) {
    const program = new Program(directory, 100);
    await program.checkpoints(2);
    program.signal('SIGKILL');
    t.is(await program.exit, 'SIGKILL');
  }
  const last = new Program(directory, 4_000);
  t.is(await last.exit, 0, last.stderr);
  t.deepEqual(await committed(directory), ALL);
});

test('a program started while it runs is refused with the number of the process', async (t) => {
  const directory = await directoryOf(t);
  const first = new Program(directory, 20);
  await first.checkpoints(1);
  const second = new Program(directory, 20);
  t.is(await second.exit, 1);
  t.regex(second.stderr, /^OP-E606 Job "counting" is running already, in process \d+ on /);
  t.regex(second.stderr, /remedy: Stop the other process first/);
  first.signal('SIGINT');
  t.is(await first.exit, 0);
  t.is(await new Program(directory, 4_000).exit, 0);
  t.deepEqual(await committed(directory), ALL);
});

test('of another process its owner knows whether it runs, of a stranger it does not', async (t) => {
  const { id, stateOf } = processOwner();
  t.is(stateOf(id), 'unknown');
  t.is(stateOf('whatever'), 'unknown');
  t.is(stateOf(id.replace(/ on \S+,/, ' on elsewhere,')), 'unknown');
  const child = fork(PROGRAM, [await directoryOf(t), '1000000', '1'], { stdio: 'ignore' });
  const ofChild = (start: string): string =>
    id.replace(/process \d+/, `process ${child.pid}`).replace(/started \S+,/, `started ${start},`);
  t.true(['alive', 'unknown', 'dead'].includes(stateOf(ofChild('?'))));
  t.not(stateOf(ofChild('?')), 'dead');
  const isOver = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGKILL');
  await isOver;
  t.is(stateOf(ofChild('?')), 'dead');
});
