// Runs the flights job in a process of its own, kills that with SIGKILL again and again, and starts
// it anew until the job is done. The moments are drawn from a seed; what the process is doing at
// such a moment is up to the machine.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SeededRandom } from '../../engine/environment/seeded-random.ts';
import type { FlightsSettings } from './places.ts';

export interface Attempt {
  readonly number: number;
  readonly restoredFrom: number | undefined;
  /** Completed by this attempt. */
  readonly checkpoints: number;
  readonly ranMs: number;
  readonly end: 'killed' | 'finished';
}

export interface KillOptions {
  readonly directory: string;
  readonly seed: string;
  readonly kills: number;
  readonly settings?: FlightsSettings;
  readonly onAttempt: (attempt: Attempt) => void;
}

const PROGRAM = fileURLToPath(new URL('./run-job.ts', import.meta.url));
const CHECKPOINTS_MAX = 5;
const DELAY_MS_MAX = 150;
/** Of a kill that waits for no checkpoint: into the start, or the recovery. */
const EARLY_MS_MAX = 700;

/**
 * Resolves once the job has finished, with the number of kills: fewer than were wanted where the
 * job was quicker. Rejects if its process ends otherwise by itself.
 */
export async function killAndRestart(options: KillOptions): Promise<number> {
  const dice = new SeededRandom(options.seed).fork('kills');
  for (let number = 1; ; number++) {
    const plan = number <= options.kills ? drawPlan(dice) : undefined;
    const attempt = await runOnce(options, number, plan);
    options.onAttempt(attempt);
    if (attempt.end === 'finished') return number - 1;
  }
}

interface KillPlan {
  readonly afterCheckpoints: number;
  readonly delayMs: number;
}

function drawPlan(dice: SeededRandom): KillPlan {
  const isEarly = dice.below(4) === 0;
  return {
    afterCheckpoints: isEarly ? 0 : 1 + dice.below(CHECKPOINTS_MAX),
    delayMs: dice.below(isEarly ? EARLY_MS_MAX : DELAY_MS_MAX),
  };
}

async function runOnce(
  options: KillOptions,
  number: number,
  plan: KillPlan | undefined,
): Promise<Attempt> {
  const startedMs = performance.now();
  const args = [options.directory, JSON.stringify(options.settings ?? {})];
  const child = fork(PROGRAM, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let restoredFrom: number | undefined;
  let checkpoints = 0;
  if (plan?.afterCheckpoints === 0) killLater(child, plan.delayMs);
  child.on('message', (message) => {
    const { kind, checkpoint } = message as { kind: string; checkpoint?: number };
    if (kind === 'job-restoring') restoredFrom = checkpoint;
    if (kind !== 'checkpoint-completed') return;
    checkpoints++;
    if (checkpoints === plan?.afterCheckpoints) killLater(child, plan.delayMs);
  });
  const end = await endOf(child);
  return { number, restoredFrom, checkpoints, ranMs: performance.now() - startedMs, end };
}

function killLater(child: ChildProcess, delayMs: number): void {
  setTimeout(() => child.kill('SIGKILL'), delayMs);
}

function endOf(child: ChildProcess): Promise<Attempt['end']> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve('killed');
      else if (code === 0) resolve('finished');
      else reject(new Error(`The job's process ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
