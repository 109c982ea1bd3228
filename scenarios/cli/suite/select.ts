// Which cases a selection means. A filter that matches nothing is an error even if another one
// matches: a misspelled name in a CI script must not go unnoticed.

import { OnceproofError } from '../../../engine/core/errors.ts';
import { caseIdOf } from '../../seeds.ts';
import type { Selection } from '../arguments/run-settings.ts';
import { didYouMean } from '../nearest.ts';
import { type Catalog, type Entry, loadCatalog } from './catalog.ts';

/** One scenario on one backend; it is run with many seeds. */
export interface Case {
  readonly id: string;
  readonly entry: Entry;
  readonly backend: string;
}

interface Candidate extends Case {
  /** Runs only where its backend, or the case itself, is named. */
  readonly isOnRequest: boolean;
}

/** Words that name a file, not a scenario. */
export function isFile(word: string): boolean {
  return /^(\.{0,2}\/|[A-Za-z]:\\)/.test(word) || /\.[cm]?[jt]s$/.test(word);
}

export interface SelectOptions {
  /** Cases that run on request are selected as if they had been named. */
  readonly isEverythingNamed?: boolean;
}

/** Loads what the selection needs and selects. Throws OP-E120 or OP-E124 for what is not there. */
export async function selectCases(
  selection: Selection,
  { isEverythingNamed = false }: SelectOptions = {},
): Promise<{ readonly catalog: Catalog; readonly cases: readonly Case[] }> {
  const files = selection.filters.filter(isFile);
  const globs = selection.filters.filter((filter) => !isFile(filter));
  const catalog = await loadCatalog(files);
  const everything = casesOf(catalog.entries);
  refuseUnknownBackends(selection.backends, everything);
  for (const glob of globs) refuseIdleFilter(glob, everything);
  const isNamed = (one: Candidate): boolean =>
    isEverythingNamed || !one.isOnRequest || isNamedIn(one, globs, selection);
  const cases = everything.filter((one) => isSelected(one, globs, selection) && isNamed(one));
  return { catalog, cases };
}

function casesOf(entries: readonly Entry[]): Candidate[] {
  return entries.flatMap((entry) => {
    const { id, backends, backendsOnRequest } = entry.scenario;
    const caseOn = (backend: string, isOnRequest: boolean): Candidate => {
      return { id: caseIdOf(id, backend), entry, backend, isOnRequest };
    };
    return [
      ...backends.map((backend) => caseOn(backend, false)),
      ...backendsOnRequest.map((backend) => caseOn(backend, true)),
    ];
  });
}

function isNamedIn(one: Case, globs: readonly string[], { backends }: Selection): boolean {
  return backends !== undefined || globs.some((glob) => glob.includes('@') && matches(glob, one));
}

function isSelected(one: Case, globs: readonly string[], selection: Selection): boolean {
  const { scenario } = one.entry;
  const { grep, grepInvert, tag, backends } = selection;
  const text = `${scenario.id} ${scenario.claim}`;
  if (globs.length > 0 && !globs.some((glob) => matches(glob, one))) return false;
  if (grep !== undefined && !grep.test(text)) return false;
  if (grepInvert?.test(text) === true) return false;
  if (tag !== undefined && !tag(scenario.tags)) return false;
  return backends === undefined || backends.includes(one.backend);
}

function matches(glob: string, { id, entry }: Case): boolean {
  const pattern = patternOf(glob);
  return glob.includes('@') ? pattern.test(id) : pattern.test(entry.scenario.id);
}

/**
 * `*` stays within a segment, `**` does not; without either, a name also means all that is below
 * it.
 */
function patternOf(glob: string): RegExp {
  const source = glob.replace(/\*\*|\*|\?|[^\w*?]/g, (part) => {
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : `\\${part}`;
  });
  return new RegExp(`^${source}(/.*)?$`);
}

function refuseIdleFilter(glob: string, cases: readonly Case[]): void {
  if (cases.some((one) => matches(glob, one))) return;
  const isRunId = glob.includes('#');
  const names = new Set(
    cases.flatMap(({ id, entry }) => [entry.scenario.id, ...(glob.includes('@') ? [id] : [])]),
  );
  const guess = isRunId ? '' : didYouMean(glob, names);
  throw new OnceproofError('OP-E120', `Cannot find scenario "${glob}"${guess}`, {
    remedy: isRunId
      ? `Use "onceproof replay ${glob}" to repeat one run`
      : 'See "onceproof list scenarios"; a scenario of your own is named by its file',
  });
}

function refuseUnknownBackends(
  backends: readonly string[] | undefined,
  cases: readonly Case[],
): void {
  const known = [...new Set(cases.map(({ backend }) => backend))];
  const stranger = backends?.find((backend) => !known.includes(backend));
  if (stranger === undefined) return;
  const guess = didYouMean(stranger, known);
  throw new OnceproofError('OP-E124', `Cannot find backend "${stranger}"${guess}`, {
    remedy: `Use one of ${known.join(', ')}`,
  });
}
