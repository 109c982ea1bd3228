// Makes a failing run small: fewer faults, fewer records, fewer hosts, less time, less chance, for
// as long as it fails in the same way. Everything is decided by the runs themselves: the same case
// and the same budget in tries give the same result.

import type { Draw } from '../../simulator/index.ts';
import type { Scenario } from '../scenario.ts';
import type { FailingCase } from './failing-case.ts';
import { fewerDraws, quietChance } from './passes/chance.ts';
import { dropFaults, fireOnEvents, simplifyFaults } from './passes/faults.ts';
import { fewerRecords, healEarlier, smallerCluster, stopEarlier } from './passes/size.ts';
import { type Attempt, Search, type Smallest } from './search.ts';

export interface ShrinkOptions {
  readonly scenario: Scenario;
  readonly start: FailingCase;
  /** Runs a case. */
  readonly attempt: (one: FailingCase) => Promise<Attempt>;
  /** Runs a case and gives the draws of its timing streams that were not the least. */
  readonly drawsOf: (one: FailingCase) => Promise<readonly Draw[]>;
  readonly triesMax: number;
  readonly isOver: () => boolean;
  readonly onPass?: (pass: PassResult) => void;
}

export interface PassResult {
  readonly pass: PassName;
  readonly before: Smallest;
  readonly after: Smallest;
  readonly tries: number;
}

export type PassName =
  | 'stop earlier'
  | 'drop faults'
  | 'heal earlier'
  | 'fewer records'
  | 'smaller cluster'
  | 'quiet network'
  | 'fewer draws'
  | 'simpler faults'
  | 'fire on events';

export type ShrinkResult =
  | { readonly kind: 'not-failing'; readonly attempt: Attempt }
  | {
      readonly kind: 'shrunk';
      readonly start: Smallest;
      readonly smallest: Smallest;
      readonly tries: number;
      /** Nothing that is tried makes it smaller; otherwise the budget ended first. */
      readonly isMinimal: boolean;
    };

/** After so many rounds whatever still changes is not worth it. */
const ROUNDS_MAX = 8;

export async function shrink(options: ShrinkOptions): Promise<ShrinkResult> {
  const attempt = await options.attempt(options.start);
  if (!attempt.fails) return { kind: 'not-failing', attempt };
  const start = { case: options.start, attempt };
  const search = new Search(options, start);
  let isMinimal = false;
  for (let round = 0; round < ROUNDS_MAX && !search.isOver && !isMinimal; round += 1) {
    const before = search.case;
    for (const pass of passesOf(options)) await carryOut(options, search, pass);
    isMinimal = search.case === before && !search.isOver;
  }
  return { kind: 'shrunk', start, smallest: search.smallest, tries: search.tries, isMinimal };
}

type Pass = readonly [name: PassName, carryOut: (search: Search) => Promise<void>];

/** Those that make all others cheaper come first. */
function passesOf({ scenario, drawsOf }: ShrinkOptions): readonly Pass[] {
  return [
    ['stop earlier', stopEarlier],
    ['drop faults', dropFaults],
    ['smaller cluster', (search) => smallerCluster(search, scenario)],
    ['quiet network', quietChance],
    ['fire on events', fireOnEvents],
    ['simpler faults', simplifyFaults],
    ['heal earlier', healEarlier],
    ['fewer records', fewerRecords],
    ['fewer draws', (search) => fewerDraws(search, () => drawsOf(search.case))],
  ];
}

async function carryOut(
  { onPass }: ShrinkOptions,
  search: Search,
  [pass, change]: Pass,
): Promise<void> {
  if (search.isOver) return;
  const before = search.smallest;
  const triesBefore = search.tries;
  await change(search);
  const tries = search.tries - triesBefore;
  if (tries > 0) onPass?.({ pass, before, after: search.smallest, tries });
}
