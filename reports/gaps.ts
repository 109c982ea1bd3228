/**
 * What a suite did not show, in sentences. A report without these reads as if everything that was
 * planned had been tried: goals never reached, properties never evaluated, mutants that lived.
 */
import { formatCount, plural } from './format.ts';
import type { Report } from './model.ts';

/** Names listed before "and n more". */
const NAMES_MAX = 3;

export function gapsOf(
  report: Pick<Report, 'matrix' | 'backends' | 'sometimes' | 'mutants' | 'cases'>,
): readonly string[] {
  const { matrix, backends, sometimes, mutants, cases } = report;
  const unreached = sometimes.filter((mark) => mark.runs === 0).map((mark) => mark.name);
  const hollow = matrix.flatMap(({ property, cells }) =>
    cells.flatMap((cell, index) =>
      cell.status === 'never' ? [`${property} on ${backends[index] ?? 'unknown'}`] : [],
    ),
  );
  const scored = mutants.filter((mutant) => mutant.mustSurvive !== true);
  const survivors = scored.filter((mutant) => !mutant.killed).map((mutant) => mutant.name);
  const wolves = mutants.filter((mutant) => mutant.mustSurvive === true && mutant.killed);
  const undecided = cases.filter((summary) => summary.unknown > 0);
  const idle = cases.filter((summary) => summary.runs === 0).map((summary) => summary.case);
  return [
    sentence('goal', 'was never reached', 'were never reached', unreached),
    sentence('property', 'was never evaluated', 'were never evaluated', hollow),
    sentence('mutant', 'survived', 'survived', survivors),
    ...wolves.map(({ name }) => {
      return `Mutant ${name} is right and was caught, so no other catch can be believed`;
    }),
    sentence('case', 'never ran', 'never ran', idle),
    ...undecided.map(({ case: name, unknown, runs }) => {
      return `${formatCount(unknown)} of ${formatCount(runs)} runs of ${name} were undecided`;
    }),
  ].filter((gap) => gap !== null);
}

function sentence(
  noun: string,
  single: string,
  several: string,
  names: readonly string[],
): string | null {
  if (names.length === 0) return null;
  const more = names.length > NAMES_MAX ? ` and ${formatCount(names.length - NAMES_MAX)} more` : '';
  const list = names.slice(0, NAMES_MAX).join(', ');
  return `${plural(names.length, noun)} ${names.length === 1 ? single : several}: ${list}${more}`;
}
