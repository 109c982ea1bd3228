/**
 * The mutation score: of the engines made wrong on purpose, how many the suite caught, in all and
 * by the part they break. A mutant that must survive is a control, not part of the score.
 */
import type { Mutant } from './events.ts';
import type { AreaScore, Report } from './model.ts';

export function scoreOf(
  mutants: Report['mutants'],
): Pick<Report, 'mutantsKilled' | 'mutantsScored' | 'mutantAreas'> {
  const scored = mutants.filter((mutant) => mutant.mustSurvive !== true);
  const areas = new Set(scored.flatMap(({ area }) => area ?? []));
  return {
    mutantsKilled: killed(scored),
    mutantsScored: scored.length,
    mutantAreas: [...areas].map((area): AreaScore => {
      const own = scored.filter((mutant) => mutant.area === area);
      return { area, killed: killed(own), of: own.length };
    }),
  };
}

/** What a reader is told of how it ended. */
export function fateOf({
  killed: isKilled,
  property,
  mustSurvive,
}: Pick<Mutant, 'killed' | 'property' | 'mustSurvive'>): string {
  if (mustSurvive === true) return isKilled ? 'KILLED' : 'survived';
  if (isKilled) return 'killed';
  return property === undefined ? 'SURVIVED' : 'not judged';
}

function killed(mutants: Report['mutants']): number {
  return mutants.filter((mutant) => mutant.killed).length;
}
