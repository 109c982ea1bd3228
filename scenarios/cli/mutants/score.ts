// What hunts came to, as events of the log. A kill counts only if the real engine passes the very
// seed; a mutant counts as killed if at least half of the root seeds killed it, so that the median
// of the seeds needed is a number.

import type { Mutant as MutantEvent } from '../../../reports/index.ts';
import { CANARY } from '../../mutants/index.ts';
import type { Mutant } from '../../mutants/mutant.ts';
import { replayLineOf } from '../suite/replay-line.ts';
import type { Kill, RootHunt, Trophy } from './hunter.ts';

export interface Evidence {
  readonly files: readonly string[];
  /** Ids of runs that the real engine passes. */
  readonly passed: ReadonlySet<string>;
}

export function mutantEvent(trophy: Trophy, { files, passed }: Evidence): MutantEvent {
  const { mutant, hunts } = trophy;
  const { name, description, area, operator, standsFor, expectedProperty } = mutant;
  const kills = hunts.flatMap(({ kill }) => (isSound(kill, passed) ? [kill] : []));
  const needed = hunts.map((one) => (isSound(one.kill, passed) ? one.seeds : undefined));
  const [median, p95] = [quantile(needed, 0.5), quantile(needed, 0.95)];
  const shown = mostFrequent(kills) ?? hunts.find(({ kill }) => kill !== undefined)?.kill;
  return {
    v: 1,
    type: 'mutant',
    name,
    description,
    killed: median !== undefined,
    ...(shown === undefined ? {} : { property: shown.property }),
    seeds: median ?? Math.max(0, ...hunts.map(({ seeds }) => seeds)),
    ...(shown === undefined
      ? {}
      : { replay: replayLineOf({ run: shown.run.run, files, mutant: nameFor(mutant) }) }),
    area,
    operator,
    standsFor,
    expectedProperty,
    roots: hunts.length,
    kills: kills.length,
    ...(p95 === undefined ? {} : { seedsP95: p95 }),
    ...(mutant.mustSurvive === true ? { mustSurvive: true } : {}),
  };
}

/** Nearest rank; undefined if so many hunts needed more than their budget. */
export function quantile(
  needed: readonly (number | undefined)[],
  share: number,
): number | undefined {
  const rank = Math.max(1, Math.ceil(needed.length * share));
  return needed.flatMap((seeds) => seeds ?? []).sort((left, right) => left - right)[rank - 1];
}

function isSound(kill: RootHunt['kill'], passed: ReadonlySet<string>): kill is Kill {
  return kill !== undefined && passed.has(kill.run.run);
}

/** A kill by the property that most roots name, the first of them. */
function mostFrequent(kills: readonly Kill[]): Kill | undefined {
  const count = (property: string): number =>
    kills.filter((kill) => kill.property === property).length;
  return kills.toSorted((left, right) => count(right.property) - count(left.property))[0];
}

function nameFor({ name }: Mutant): string {
  return name === CANARY.name ? 'canary' : name;
}
