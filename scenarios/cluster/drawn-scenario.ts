// A scenario whose job the seed draws, with the job that this seed has drawn.

import type { World } from '../../simulator/index.ts';
import type { Scenario } from '../scenario.ts';

export function drawnScenario(scenario: Scenario, world: World): Scenario {
  const drawn = scenario.draw?.(world.random.fork('job'));
  if (drawn === undefined) return scenario;
  const { text, job, model } = drawn;
  world.note(`job: ${text}`);
  return { ...scenario, job, model };
}
