// Which scenarios there are: the ones that come with the package, or those of the files a user
// names. They are loaded on demand and not at start-up, because a mutant must be in place before
// any module of the engine is.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describeError, OnceproofError } from '../../../engine/core/errors.ts';
import type { Checker } from '../../checkers/checker.ts';
import type { Scenario } from '../../scenario.ts';
import { didYouMean } from '../nearest.ts';

export interface SourcePlace {
  readonly file: string;
  readonly line: number;
}

export interface Entry {
  readonly scenario: Scenario;
  /** Every checker that judges it. */
  readonly checkers: readonly Checker[];
  /** As the user named it; undefined for a scenario of the package. */
  readonly file: string | undefined;
  /** Relative to the working directory; undefined if its id is not written out in any file. */
  readonly source: SourcePlace | undefined;
}

export interface Catalog {
  readonly entries: readonly Entry[];
  /** The user's files, as they were named. */
  readonly files: readonly string[];
}

interface ScenarioModule {
  readonly isScenario: (value: unknown) => value is Scenario;
}

const PACKAGE = new URL('../../../', import.meta.url);
const SUITES = new URL('../../suites/', import.meta.url);

export async function loadCatalog(files: readonly string[]): Promise<Catalog> {
  const { STANDARD_CHECKERS } = await import('../../checkers/index.ts');
  const found = files.length === 0 ? await ownScenarios() : await scenariosOf(files);
  const entries = found.map(({ scenario, file, sources }): Entry => {
    const checkers = [...STANDARD_CHECKERS, ...scenario.checkers];
    return { scenario, checkers, file, source: placeOf(scenario, sources) };
  });
  refuseDuplicates(entries);
  return { entries, files };
}

export function findEntry(catalog: Catalog, id: string): Entry {
  const entry = catalog.entries.find(({ scenario }) => scenario.id === id);
  if (entry !== undefined) return entry;
  const guess = didYouMean(
    id,
    catalog.entries.map(({ scenario }) => scenario.id),
  );
  throw new OnceproofError('OP-E120', `Cannot find scenario "${id}"${guess}`, {
    remedy: 'See "onceproof list scenarios"; name the file for a scenario of your own',
  });
}

interface Found {
  readonly scenario: Scenario;
  readonly file: string | undefined;
  /** Paths of the files in which it may be defined. */
  readonly sources: readonly string[];
}

async function ownScenarios(): Promise<Found[]> {
  const { scenarios } = await import('../../suites/index.ts');
  const directory = fileURLToPath(SUITES);
  const sources = globSync('**/*.{ts,js}', { cwd: directory })
    .filter((name) => !/\.(test|d)\.ts$/.test(name))
    .sort()
    .map((name) => resolve(directory, name));
  return scenarios.map((scenario) => ({ scenario, file: undefined, sources }));
}

async function scenariosOf(files: readonly string[]): Promise<Found[]> {
  const module: ScenarioModule = await import('../../scenario.ts');
  const found: Found[] = [];
  for (const file of files) {
    const exported = Object.values(await importFile(file));
    // A named and a default export are often the same object.
    const scenarios = new Set(exported.flat(1).filter((value) => module.isScenario(value)));
    if (scenarios.size === 0) throw noScenarios(file, Object.keys(exported).length);
    for (const scenario of scenarios) found.push({ scenario, file, sources: [resolve(file)] });
  }
  return found;
}

async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  const path = resolve(file);
  if (!existsSync(path)) {
    throw new OnceproofError('OP-E101', `Cannot load "${file}": there is no such file`, {
      place: file,
      remedy: 'Check the path; it is relative to the working directory',
    });
  }
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof OnceproofError) throw error;
    const cause = describeError(error);
    throw new OnceproofError('OP-E101', `Cannot load "${file}": ${cause}`, {
      place: placeInStack(error, path) ?? file,
      remedy:
        'Mend the file. Node runs TypeScript by erasing types, so enums, namespaces and ' +
        'parameter properties do not load: rewrite them, or compile the file to JavaScript',
      cause: error,
    });
  }
}

function noScenarios(file: string, exportCount: number): OnceproofError {
  const what = exportCount === 0 ? 'it exports nothing' : 'none of its exports is a scenario';
  return new OnceproofError('OP-E121', `Cannot use "${file}": ${what}`, {
    place: file,
    remedy: 'Export what defineScenario() of "onceproof/scenarios" returns',
  });
}

function refuseDuplicates(entries: readonly Entry[]): void {
  const first = new Map<string, Entry>();
  for (const entry of entries) {
    const { id } = entry.scenario;
    const other = first.get(id);
    first.set(id, entry);
    if (other === undefined) continue;
    const places = [other, entry].map(({ source, file }) => source?.file ?? file ?? 'the package');
    throw new OnceproofError('OP-E122', `Cannot use scenario "${id}": it is defined twice`, {
      place: places.join(' and '),
      remedy: 'Give one of them another id',
    });
  }
}

/** Where the id, or the one it is a variant of, is written out: the line a reader wants to see. */
function placeOf(scenario: Scenario, sources: readonly string[]): SourcePlace | undefined {
  if (scenario.source !== undefined) return scenario.source;
  const [suite = ''] = scenario.id.split('/', 1);
  const written = [scenario.id, scenario.id.replace(/-[a-z0-9]+$/, '')];
  for (const id of written) {
    for (const path of sources) {
      const lines = readFileSync(path, 'utf8').split('\n');
      const index = lines.findIndex((line) => isQuotedIn(line, id));
      if (index >= 0) return { file: shortened(path), line: index + 1 };
    }
  }
  // Ids that are put together while the module runs: the suite is what can be named.
  const path = sources.find((name) => basename(name).startsWith(`${suite}.`));
  return path === undefined ? undefined : { file: shortened(path), line: 1 };
}

function isQuotedIn(line: string, id: string): boolean {
  return ["'", '"', '`'].some((quote) => line.includes(quote + id + quote));
}

/** Relative to where the user is, or to the package where that is somewhere else. */
function shortened(path: string): string {
  const here = relative('.', path);
  const inPackage = relative(fileURLToPath(PACKAGE), path);
  return here.startsWith('..') && !inPackage.startsWith('..') ? inPackage : here;
}

function placeInStack(error: unknown, path: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const at = (error.stack ?? '').indexOf(path);
  const place = at < 0 ? undefined : /^[^\s()]+/.exec((error.stack ?? '').slice(at))?.[0];
  return place === undefined ? undefined : relative('.', place);
}
