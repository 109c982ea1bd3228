// Seeds of scenarios per second, one process, one core. The peer in the same run is a bare kernel
// that does as many steps: the ratio says what engine, disk and judging cost on top of the event
// queue.

import { macrotask, World } from '../../simulator/index.ts';
import { address } from '../../engine/environment/network.ts';
import { defineScenario } from '../scenario.ts';
import { simulate } from '../simulate.ts';
import { failoverScenarios } from '../suites/failover.ts';
import { countByPage } from '../workloads/count-by-page.ts';
import { CLUSTER_FAULTS } from '../suites/variants.ts';

const SEEDS = 150;

const small = defineScenario({
  id: 'bench/small',
  claim: 'A small job under all cluster faults.',
  ...countByPage({ records: 40, recordsPerSecond: 40 }),
  faults: CLUSTER_FAULTS,
  safetyMs: 1_500,
});

function seedOf(index: number): string {
  return index.toString(16).padStart(16, '0');
}

async function measure(scenario: typeof small): Promise<void> {
  for (let warmUp = 0; warmUp < 20; warmUp++) {
    const seed = seedOf(1_000_000 + warmUp);
    await simulate({ scenario, backend: 'fs', seed, drain: macrotask });
  }
  const startedMs = performance.now();
  let steps = 0;
  let simulatedMs = 0;
  for (let index = 0; index < SEEDS; index++) {
    const seed = seedOf(index);
    const run = await simulate({ scenario, backend: 'fs', seed, drain: macrotask });
    steps += run.steps;
    simulatedMs += run.simMs;
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const bareSeconds = await bareKernel(steps);
  console.log(
    JSON.stringify({
      bench: `seeds/${scenario.id}`,
      seedsPerSecond: Math.round((SEEDS / seconds) * 10) / 10,
      seedsPerCoreHour: Math.round((SEEDS / seconds) * 3_600),
      stepsPerSeed: Math.round(steps / SEEDS),
      stepsPerSecond: Math.round(steps / seconds),
      simulatedPerReal: Math.round(simulatedMs / 1_000 / seconds),
      ratioToBareKernel: Math.round((bareSeconds / seconds) * 1_000) / 1_000,
    }),
  );
}

/** The same number of steps, each a timer that schedules the next. */
async function bareKernel(steps: number): Promise<number> {
  const world = new World({ seed: seedOf(1), drain: macrotask });
  let count = 0;
  world.addHost(address('bare'), {
    boot: ({ clock }) => {
      const tick = (): void => {
        count += 1;
        if (count < steps) clock.schedule(1, tick);
      };
      tick();
    },
  });
  const startedMs = performance.now();
  await world.run({ until: () => count >= steps, deadlineMs: Number.MAX_SAFE_INTEGER });
  return (performance.now() - startedMs) / 1_000;
}

await measure(small);
const [keyedCount] = failoverScenarios;
if (keyedCount !== undefined) await measure(keyedCount);
