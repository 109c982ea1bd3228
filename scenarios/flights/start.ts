// `npm start`: first a job for real, on real flights, in a process that is killed again and again,
// and its output compared with a plain loop; then the same engine under simulation, where
// everything else may break as well. Ends with where the report is.

import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { describeError } from '../../engine/core/errors.ts';
import { compare, type Comparison } from './compare.ts';
import { readFeed } from './dataset.ts';
import { type Attempt, killAndRestart } from './kill-and-restart.ts';
import { FLIGHTS_TIMES, placesBelow } from './places.ts';

const OUT = '.onceproof';
const DIRECTORY = `${OUT}/flights`;
const KILLS = 6;
/** Of each scenario on each backend: some hundreds in all. */
const RUNS_PER_CASE = 8;
const DIFFERENCES_SHOWN = 10;
const COMMAND_LINE = fileURLToPath(new URL('../cli/onceproof.js', import.meta.url));

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The seed may be given, to kill at the same moments again. */
async function main(seed: string): Promise<number> {
  const { isSame, kills } = await runForReal(seed);
  say('\nSecond: the same engine, simulated, with every kind of fault\n');
  const exitCode = await runSimulated();
  say(`\n${isSame ? 'OK' : 'FAILED'}: real flights, a real disk, ${kills} times SIGKILL`);
  say(`${exitCode === 0 ? 'OK' : 'NOT OK'}: simulated (exit code ${exitCode})`);
  say(`The report: ${OUT}/report/index.html`);
  return isSame && exitCode === 0 ? 0 : 1;
}

interface RealRun {
  readonly isSame: boolean;
  readonly kills: number;
}

async function runForReal(seed: string): Promise<RealRun> {
  const places = placesBelow(DIRECTORY);
  await rm(DIRECTORY, { recursive: true, force: true });
  await mkdir(DIRECTORY, { recursive: true });
  const feed = await readFeed();
  await writeFile(places.input, feed.map((flight) => `${JSON.stringify(flight)}\n`).join(''));
  say(`First: ${feed.length} real flights, through a job that is killed with SIGKILL`);
  say(`  delays per airport, and per airport and day; kills drawn from seed ${seed}\n`);
  const options = { directory: DIRECTORY, seed, kills: KILLS, onAttempt: sayAttempt };
  const kills = await killAndRestart(options);
  const comparison = await compare(feed, places);
  sayComparison(comparison);
  return { isSame: comparison.differences.length === 0, kills };
}

function sayAttempt({ number, restoredFrom, checkpoints, ranMs, end }: Attempt): void {
  const from =
    restoredFrom === undefined ? 'from the beginning' : `from checkpoint ${restoredFrom}`;
  const seconds = (ranMs / 1_000).toFixed(1);
  say(`  process ${number}: ${from}, ${checkpoints} checkpoints, ${end} after ${seconds} s`);
}

function sayComparison({ model, committed, files, differences }: Comparison): void {
  const hours = FLIGHTS_TIMES.allowedLatenessMs / 3_600_000;
  say(`\n  committed: ${committed} records in ${files} files`);
  say(
    `  expected by a plain loop: ${model.totals.length} running totals, ${model.days.length} days`,
  );
  say(
    `    (${model.corrections} flights corrected a day within ${hours} h), ` +
      `${model.late.length} flights too late`,
  );
  if (differences.length === 0)
    return say('  the same, record by record: nothing lost, nothing twice');
  say(`  NOT THE SAME: ${differences.length} differences`);
  for (const difference of differences.slice(0, DIFFERENCES_SHOWN)) say(`    ${difference}`);
}

function runSimulated(): Promise<number> {
  const args = [COMMAND_LINE, 'run', '-n', String(RUNS_PER_CASE), '--out', OUT];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

try {
  process.exitCode = await main(process.argv[2] ?? '20010101');
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
