// `npm run test:services`: starts a real HDFS, Druid and S3 on loopback, as far as this machine has
// what they need, runs the contract suites and the flights job against them, and stops them. Ends
// with `N passed, N failed`; a server that does not start counts as one failure.
//
//   --only hdfs,s3   these servers alone
//   --keep           no tests: keeps the servers up until Ctrl-C, and says how to reach them

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DRUID } from '../scenarios/services/druid/druid-service.ts';
import { HDFS } from '../scenarios/services/hdfs/hdfs-service.ts';
import { S3 } from '../scenarios/services/s3/s3-service.ts';
import type { RunningService, ServiceRecipe } from '../scenarios/services/service.ts';
import { type StartedServices, startServices } from '../scenarios/services/start-services.ts';
import { countTests, type Tally } from './ava-tally.ts';
import { runNode } from './process.ts';

const RECIPES: readonly ServiceRecipe[] = [HDFS, DRUID, S3];
const INTERRUPTED = 130;

/**
 * Service tests are not among what ava runs by default, so it is given a configuration of its own.
 * A flights job with checkpoints in Druid takes minutes on a slow machine.
 */
const AVA = {
  extensions: { ts: 'module' },
  nodeArguments: ['--no-warnings'],
  concurrency: 2,
  timeout: '5m',
  workerThreads: false,
};

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function chosenRecipes(only: string | undefined): readonly ServiceRecipe[] {
  if (only === undefined) return RECIPES;
  const names = only.split(',');
  const known = RECIPES.map(({ name }) => name as string);
  const stranger = names.find((name) => !known.includes(name));
  if (stranger !== undefined) throw new Error(`No server "${stranger}": ${known.join(', ')}`);
  return RECIPES.filter(({ name }) => names.includes(name));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, keep: { type: 'boolean', default: false } },
  });
  const starting = startServices(chosenRecipes(values.only), say);
  // Whatever is under way when the signal comes is stopped when it stands; the processes would end
  // with this one anyway, but their data would stay.
  const onSignal = (): void => {
    say('Interrupted: stopping the servers');
    void starting.then((services) => services.stop()).finally(() => process.exit(INTERRUPTED));
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const services = await starting;
  try {
    return await (values.keep ? keep(services) : test(services));
  } finally {
    await services.stop();
  }
}

/** Until a signal ends the process. */
function keep({ running }: StartedServices): Promise<number> {
  for (const { variables } of running) {
    for (const [name, value] of variables) say(`export ${name}='${value}'`);
  }
  say('Press Ctrl-C to stop the servers');
  setInterval(() => undefined, 60_000);
  return new Promise(() => undefined);
}

/** Those of the servers that are up. */
async function runServiceTests(services: readonly RunningService[]): Promise<Tally> {
  const directory = await mkdtemp(join(tmpdir(), 'onceproof-ava-'));
  const configuration = join(directory, 'ava.config.mjs');
  const files = services.map(({ name }) => `scenarios/services/${name}/*.service.ts`);
  await writeFile(configuration, `export default ${JSON.stringify({ ...AVA, files })};\n`);
  for (const { variables } of services) {
    for (const [name, value] of variables) process.env[name] = value;
  }
  const ava = ['node_modules/ava/entrypoints/cli.mjs', '--config', configuration];
  try {
    const { exitCode, stdout } = await runNode(ava);
    return countTests(stdout, exitCode);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function test({ running, leftOut, failed }: StartedServices): Promise<number> {
  const tests = running.length === 0 ? { passed: 0, failed: 0 } : await runServiceTests(running);
  say('\n== services');
  for (const { name, version } of running) say(`✓ ${name}: ${version}`);
  for (const { name, missing } of leftOut) say(`- ${name}: left out, no ${missing.join(', ')}`);
  for (const { name, problem } of failed) say(`✗ ${name}: ${problem}`);
  const failures = tests.failed + failed.length;
  say(`${tests.passed} passed, ${failures} failed`);
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main();
