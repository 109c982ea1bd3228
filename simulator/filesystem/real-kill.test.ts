// What a killed process leaves on a real file system is what `kill` of the simulated disk leaves:
// everything that its calls have returned for, and of the call under way a part, or all, or
// nothing.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test from 'ava';

import type { FileSystem } from '../../engine/environment/filesystem.ts';
import { NodeFileSystem } from '../../engine/environment/node/node-filesystem.ts';
import { SeededRandom } from '../../engine/environment/seeded-random.ts';
import { address } from '../../engine/environment/network.ts';
import { immediateIo } from './disk-bench.ts';
import { contentsOf, drawScript, runStep, type Step } from './scripted-calls.contract.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const CHILD = new URL('killed-child.contract.ts', import.meta.url);
const RUNS = 10;
const STEPS = 120;
const HOST = address('host');
/** Ways in which the call under way may end in the simulation. */
const DRAWS = 100;

test('a killed process leaves what the simulated kill allows', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'onceproof-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const random = new SeededRandom('kill');
  let midwayCount = 0;
  for (let run = 0; run < RUNS; run++) {
    const script = drawScript(random, STEPS);
    const directory = join(root, String(run));
    const files = new NodeFileSystem(directory);
    await files.makeDirectory('/');
    const doneCount = await runAndKill(directory, script, 1 + random.below(STEPS - 20));
    if (doneCount < script.length) midwayCount++;
    const found = JSON.stringify(await contentsOf(files));
    t.true(await isAllowed(found, script, doneCount), `run ${run}, ${doneCount} calls: ${found}`);
    const isEarly = await isAllowed(found, script, Math.max(0, doneCount - 30));
    t.is(isEarly, doneCount === 0, 'what calls returned for is there');
  }
  t.true(midwayCount >= RUNS / 2, `only ${midwayCount} were killed on their way`);
});

/** Returns how many calls the process has reported, which is at least how many have returned. */
async function runAndKill(
  root: string,
  script: readonly Step[],
  killAfter: number,
): Promise<number> {
  const child: ChildProcess = fork(CHILD, [root], { execArgv: ['--no-warnings'] });
  let doneCount = 0;
  child.on('message', () => {
    doneCount += 1;
    if (doneCount > killAfter) child.kill('SIGKILL');
  });
  // Its last reports are read before the channel closes.
  const ends = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  child.send(script);
  const [[code, signal]] = (await ends) as [unknown[], unknown[]];
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`The process ended with ${code}`);
  return doneCount;
}

/**
 * The calls that were reported have returned; the one behind them may have, and its report died
 * with the process.
 */
async function isAllowed(
  found: string,
  script: readonly Step[],
  doneCount: number,
): Promise<boolean> {
  for (let draw = 0; draw < DRAWS; draw++) {
    const disk = new SimulatedDisk({ random: new SeededRandom(`draw ${draw}`) });
    const files = disk.mount(HOST, immediateIo);
    for (const step of script.slice(0, doneCount)) await runStep(files, step);
    const next = script[doneCount];
    if (next !== undefined) startAndKill(disk, next);
    const left = JSON.stringify(await contentsOf(disk.mount(HOST, immediateIo)));
    if (left === found) return true;
  }
  return false;
}

function startAndKill(disk: SimulatedDisk, step: Step): void {
  const never: FileSystem = disk.mount(HOST, { perform: () => new Promise(() => undefined) });
  void runStep(never, step);
  disk.kill(HOST);
}
