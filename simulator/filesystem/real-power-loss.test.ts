// What a power loss leaves on a real ext4 is one of the states of the model. The disk is a file
// behind a loop device: what it holds at a moment, copied and mounted again, is what a machine
// would find that lost its power then. That needs root and loop devices; elsewhere only what was
// recorded so is judged.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import test, { type ExecutionContext } from 'ava';

import { address } from '../../engine/environment/network.ts';
import { DiskBench } from './disk-bench.ts';
import { contentsOf, runStep, type Step } from './scripted-calls.contract.ts';
import type { DurabilityProfile } from './volume.ts';

interface Crash {
  /** How the file system was mounted. */
  readonly options: string;
  readonly steps: readonly Step[];
  readonly left: unknown;
}

const HOST = address('host');
const RECORDER = fileURLToPath(new URL('power-loss-recorder.contract.ts', import.meta.url));
const RECORDED = new URL('recorded-crashes.jsonl', import.meta.url);
const LIMITS = { statesMax: 4_000, freeSectorsMax: 4 };

test('every state that was recorded on ext4 is one of the model', async (t) => {
  const recorded = crashesIn(await readFile(RECORDED, 'utf8'));
  t.true(recorded.length >= 50);
  for (const crash of recorded) t.true(await judge(t, crash), 'was chosen to have few states');
});

test('every state that ext4 leaves here and now is one of the model', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'onceproof-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const seed = String(process.pid);
  t.log(`Seed ${seed}`);
  for (const options of ['data=ordered', 'data=writeback,noauto_da_alloc,nodelalloc']) {
    const crashes = await recordHere(directory, options, seed);
    if (crashes === undefined) {
      t.pass('only what was recorded elsewhere is judged');
      t.log('Loop devices cannot be mounted here');
      return;
    }
    let judgedCount = 0;
    for (const crash of crashes) if (await judge(t, crash)) judgedCount++;
    t.true(judgedCount > 3, `${judgedCount} of ${crashes.length}`);
  }
});

test('a state that no crash leaves is refused', async (t) => {
  const steps: Step[] = [
    { call: 'create', path: '/c', fill: 7, sizeBytes: 600 },
    { call: 'sync', path: '/' },
  ];
  t.true(await isAllowed({ options: '', steps, left: [['/c', '600*7']] }, 'posix-strict'));
  t.true(await isAllowed({ options: '', steps, left: [['/c', '600*0']] }, 'posix-strict'));
  t.false(await isAllowed({ options: '', steps, left: [['/c', '600*0']] }, 'ext4-ordered'));
  steps.splice(1, 0, { call: 'sync', path: '/c' });
  for (const left of [[], [['/c', '599*7']], [['/c', '600*8']], [['/d'], ['/c', '600*7']]]) {
    t.false(await isAllowed({ options: '', steps, left }, 'posix-strict'), JSON.stringify(left));
  }
});

/** False where there are too many states to judge it. */
async function judge(t: ExecutionContext, crash: Crash): Promise<boolean> {
  const isOrdered = crash.options === 'data=ordered';
  const profiles = isOrdered
    ? (['posix-strict', 'ext4-ordered'] as const)
    : ['posix-strict' as const];
  for (const profile of profiles) {
    const verdict = await isAllowed(crash, profile);
    if (verdict === undefined) return false;
    t.true(verdict, `${profile}: ${JSON.stringify(crash)}`);
  }
  return true;
}

/** Undefined where there are too many states. */
async function isAllowed(
  { steps, left }: Crash,
  profile: DurabilityProfile,
): Promise<boolean | undefined> {
  const wanted = JSON.stringify(left);
  const states = (await afterSteps(steps, profile)).disk.crashStates(HOST, LIMITS);
  if (states === undefined) return undefined;
  for (const state of states) {
    const bench = await afterSteps(steps, profile);
    bench.disk.crashInto(HOST, state);
    if (JSON.stringify(await contentsOf(bench.mount())) === wanted) return true;
  }
  return false;
}

async function afterSteps(steps: readonly Step[], profile: DurabilityProfile): Promise<DiskBench> {
  const bench = new DiskBench('power loss', { profile });
  const files = bench.mount();
  for (const step of steps) await runStep(files, step);
  return bench;
}

/** Undefined where that is not possible. */
async function recordHere(
  directory: string,
  options: string,
  seed: string,
): Promise<readonly Crash[] | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const args = ['-m', process.execPath, '--no-warnings', RECORDER, directory, options, seed, '1'];
  try {
    const { stdout } = await promisify(execFile)('unshare', args);
    return crashesIn(stdout);
  } catch (error) {
    const hasNoUnshare = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const isRefused = /unshare failed|Cannot mount a loop device/u.test(String(error));
    if (hasNoUnshare || isRefused) return undefined;
    throw error;
  }
}

function crashesIn(lines: string): readonly Crash[] {
  const texts = lines.split('\n').filter((line) => line !== '');
  return texts.map((line) => JSON.parse(line) as Crash);
}
