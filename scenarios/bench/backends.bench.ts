// Seeds of one scenario per second on each state backend, in one process on one core, and how that
// compares with `fs`: what the simulated services and the longer way of the state cost. The
// backends take turns, seed by seed, so that whatever else the machine does meets all of them.

import { macrotask } from '../../simulator/index.ts';
import { simulate } from '../simulate.ts';
import { failoverScenarios } from '../suites/failover.ts';

const BACKENDS = ['fs', 'memory', 'rocksdb', 'hdfs', 'druid', 's3'];
const SEEDS = 40;
const WARM_UP_SEEDS = 3;

interface Spent {
  ms: number;
  cpuMs: number;
  steps: number;
  simulatedMs: number;
  /** Runs that ended otherwise than they should: the figures of the backend mean little then. */
  invalid: number;
}

function seedOf(index: number): string {
  return index.toString(16).padStart(16, '0');
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const [scenario] = failoverScenarios;
if (scenario === undefined) throw new Error('there is no scenario to measure');
const spent = new Map<string, Spent>();
for (let index = -WARM_UP_SEEDS; index < SEEDS; index++) {
  for (const backend of BACKENDS) {
    const seed = seedOf(index < 0 ? 1_000_000 - index : index);
    const [startedMs, cpuBefore] = [performance.now(), cpuMs()];
    const run = await simulate({ scenario, backend, seed, drain: macrotask });
    if (index < 0) continue;
    const sum = spent.get(backend) ?? { ms: 0, cpuMs: 0, steps: 0, simulatedMs: 0, invalid: 0 };
    sum.ms += performance.now() - startedMs;
    sum.cpuMs += cpuMs() - cpuBefore;
    sum.steps += run.steps;
    sum.simulatedMs += run.simMs;
    if (run.verdict !== 'valid') {
      console.error(`${backend}, seed ${seed}: ${run.verdict}: ${run.message}`);
      sum.invalid += 1;
      process.exitCode = 1;
    }
    spent.set(backend, sum);
  }
}

const fs = spent.get('fs');
for (const [backend, sum] of spent) {
  console.log(
    JSON.stringify({
      bench: `seeds/${scenario.id}`,
      backend,
      invalid: sum.invalid,
      seedsPerSecond: rounded((SEEDS * 1_000) / sum.ms),
      shareOfFs: rounded((fs?.ms ?? 0) / sum.ms),
      shareOfFsInProcessorTime: rounded((fs?.cpuMs ?? 0) / sum.cpuMs),
      stepsPerSeed: Math.round(sum.steps / SEEDS),
      simulatedPerReal: rounded(sum.simulatedMs / sum.ms),
    }),
  );
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
