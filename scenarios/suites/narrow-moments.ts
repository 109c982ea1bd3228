// Narrow moments: two checkpoints meet in one task, a source ends while a barrier is on its way to
// it, and a split changes hands between two checkpoints that are under way at once. Chance would
// hardly ever meet them, so everything is made to.

import { CollectionSource } from '../../engine/connector/collection-source.ts';
import { address, type Address } from '../../engine/environment/network.ts';
import type { Fault } from '../../simulator/index.ts';
import { undisturbed } from '../checkers/checkpoint-checkers.ts';
import { JOB_MANAGER } from '../cluster/hosts.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { countByPage, type PageCount } from '../workloads/count-by-page.ts';
import { type Visit, visits } from '../workloads/visits.ts';

const [FIRST, THIRD] = [address('tm-1'), address('tm-3')];

function clogged(from: Address, to: Address, window: { readonly nth: number }): Fault {
  const after = { mark: 'checkpoint-triggered', nth: window.nth };
  return { kind: 'clog', from, to, fromMs: 0, toMs: 500, after };
}

/** The third host hears neither of the end of a checkpoint nor all of its barriers. */
function lateForTwo(nth: number): readonly Fault[] {
  return [clogged(JOB_MANAGER, THIRD, { nth }), clogged(FIRST, THIRD, { nth })];
}

/**
 * The barrier of one channel waits for the other channel's; meanwhile the checkpoint expires, and
 * the first channel brings the barrier of the next one.
 */
const twoInOneTask: ScenarioDefinition<Visit, PageCount> = {
  ...countByPage({ records: 240, recordsPerSecond: 60 }),
  id: 'in-flight/two-checkpoints-in-one-task',
  claim: 'What a task has received of a checkpoint does not pass for a part of the next one.',
  tags: ['in-flight'],
  cluster: { taskManagers: 3, slots: 1, parallelism: 3 },
  checkpoints: { unaligned: true, intervalMs: 80, timeoutMs: 160 },
  faults: ['latency'],
  staged: [...lateForTwo(3), ...lateForTwo(12), ...lateForTwo(20)],
};

/** How many elements each has; each subtask reads 100 of them a second. */
const LENGTHS = [6, 11, 17, 24, 33, 41, 52, 66];

interface Numbered {
  readonly id: string;
}

const SHORT: readonly (readonly Numbered[])[] = LENGTHS.map((length, source) =>
  Array.from({ length }, (_, index) => ({ id: `short-${source}-${index}` })),
);

/** Whoever is triggered when it has just ended sends no barrier: its end has to do for one. */
const endsInTurn: ScenarioDefinition<Visit, Numbered> = {
  id: 'sources/ends-in-turn',
  claim: 'A source that ends when a checkpoint has just begun keeps that one waiting for nobody.',
  tags: ['in-flight', 'sources'],
  workload: visits({ records: 120, pages: 3 }),
  // Close enough for a trigger to be on its way when the completion before it ends a source.
  checkpoints: { intervalMs: 12, maxConcurrent: 6 },
  job: ({ env, source, sink }) => {
    const short = SHORT.map((elements, index) =>
      env
        .fromSource(new CollectionSource({ elements, recordsPerSecond: 100 }))
        .uid(`short-${index}`),
    );
    source()
      .map(({ id }): Numbered => ({ id }))
      .uid('numbered')
      .union(...short)
      .keyBy(({ id }) => id)
      .process({
        processElement(one: Numbered, _context, out: { collect(value: Numbered): void }) {
          out.collect(one);
        },
      })
      .uid('gathered')
      .sinkTo(sink())
      .uid('sink');
  },
  model: (records) => [...SHORT.flat(), ...records].map(({ id }) => ({ id })),
  accountsFor: ({ id }) => (id.startsWith('short-') ? [] : [id]),
  idOf: ({ id }) => id,
  faults: [],
  safetyMs: 1,
  checkers: [undisturbed({ withinMs: 2_500, checkpointsMin: 10, mayOverlap: true })],
};

export const narrowMoments: readonly Scenario[] = [
  defineScenario(twoInOneTask),
  defineScenario(endsInTurn),
];
