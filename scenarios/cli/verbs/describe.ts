// `onceproof describe`: everything about one scenario, property, fault or mutant.

import { OnceproofError } from '../../../engine/core/errors.ts';
import type { Checker } from '../../checkers/checker.ts';
import { MUTANTS } from '../../mutants/index.ts';
import { FAULT_CATALOG, FAULT_KINDS, type FaultKind } from '../../../simulator/index.ts';
import type { ParsedLine } from '../arguments/command-line.ts';
import { DEFAULT_OUT, readScreen } from '../arguments/run-settings.ts';
import { Values } from '../arguments/values.ts';
import { type Context, openScreens, type Screens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { didYouMean } from '../nearest.ts';
import { padTo, wrap } from '../output/lay-out.ts';
import { plural } from '../output/text.ts';
import { type Catalog, type Entry, loadCatalog } from '../suite/catalog.ts';
import { isFile } from '../suite/select.ts';
import { readStoredSuite, type StoredSuite } from '../suite/stored-suite.ts';

/** What is known, as pairs of a name and a text. */
interface Description {
  readonly title: string;
  readonly place: string | undefined;
  readonly text: string;
  readonly rows: readonly (readonly [string, string])[];
}

const WIDTH_MAX = 100;

export async function describeVerb(line: ParsedLine, context: Context): Promise<ExitCode> {
  const values = new Values(line.typed, context.environment);
  const screens = openScreens(context, readScreen(values));
  const [id, ...others] = line.words.filter((word) => !isFile(word));
  if (id === undefined || others.length > 0) {
    throw new OnceproofError('OP-E113', 'Cannot tell what to describe: name exactly one thing', {
      remedy: 'Name a scenario, a property, a fault or a mutant; see "onceproof list"',
    });
  }
  const catalog = await loadCatalog(line.words.filter(isFile));
  const stored = await readStoredSuite(values.text('out') ?? DEFAULT_OUT);
  print(describe(id, catalog, stored), screens);
  return 0;
}

function describe(id: string, catalog: Catalog, stored: StoredSuite | undefined): Description {
  const { entries } = catalog;
  const entry = entries.find(({ scenario }) => scenario.id === id);
  if (entry !== undefined) return describeScenario(entry, stored);
  const checkers = new Map(entries.flatMap((one) => one.checkers).map((one) => [one.name, one]));
  const checker = checkers.get(id);
  if (checker !== undefined) return describeProperty(checker, entries);
  const mutant = MUTANTS.find(({ name }) => name === id);
  if (mutant !== undefined) {
    return {
      title: id,
      place: `engine/${mutant.file}`,
      text: `A mutant of the engine that ${mutant.description}.`,
      rows: [
        ['area', mutant.area],
        ['stands for', [...mutant.standsFor, mutant.operator].join(' ')],
        ['caught by', mutant.expectedProperty],
        ['instead of', mutant.find],
        ['it has', mutant.replace],
      ],
    };
  }
  const fault = FAULT_KINDS.find((kind) => kind === id);
  if (fault !== undefined) return describeFault(fault, entries);
  const names = [
    ...entries.map(({ scenario }) => scenario.id),
    ...checkers.keys(),
    ...FAULT_KINDS,
    ...MUTANTS.map(({ name }) => name),
  ];
  throw new OnceproofError('OP-E120', `Cannot find "${id}"${didYouMean(id, names)}`, {
    remedy: 'See "onceproof list scenarios", "list properties", "list faults", "list mutants"',
  });
}

function describeScenario(
  { scenario, checkers, source }: Entry,
  stored: StoredSuite | undefined,
): Description {
  const { id, claim, workload, cluster, rescale, faults, tags } = scenario;
  const { taskManagers, slots, parallelism } = cluster;
  const change =
    rescale === undefined
      ? ''
      : `, then ${rescale.parallelism} by ${rescale.via}` +
        ` after checkpoint ${rescale.afterCheckpoint}`;
  const runs = stored?.runs.filter((run) => run.case.startsWith(`${id}@`)) ?? [];
  const violated = runs.filter(({ verdict }) => verdict === 'invalid').length;
  return {
    title: id,
    place: source === undefined ? undefined : `${source.file}:${source.line}`,
    text: claim,
    rows: [
      ['tags', tags.join(' ')],
      ['backends', [...scenario.backends, ...scenario.backendsOnRequest].join(' ')],
      ['guarantee', scenario.guarantee],
      ['input', `${workload.records} records, ${workload.recordsPerSecond} a second`],
      [
        'cluster',
        `1 JobManager, ${plural(taskManagers, 'TaskManager')} × ${plural(slots, 'slot')}, ` +
          `parallelism ${parallelism}${change}`,
      ],
      ['faults', faults.join(' · ')],
      ['judged by', checkers.map(({ name }) => name).join(' · ')],
      ['last suite', `${plural(runs.length, 'run')}, ${violated} violated`],
    ],
  };
}

function describeProperty(checker: Checker, entries: readonly Entry[]): Description {
  const judged = entries.filter(({ checkers }) =>
    checkers.some((one) => one.name === checker.name),
  );
  return {
    title: checker.name,
    place: undefined,
    text: checker.explanation,
    rows: [['judges', judged.map(({ scenario }) => scenario.id).join(' · ')]],
  };
}

function describeFault(kind: FaultKind, entries: readonly Entry[]): Description {
  const users = entries.filter(({ scenario }) => scenario.faults.some((fault) => fault === kind));
  return {
    title: kind,
    place: undefined,
    text: `A kind of fault that a seed may draw: ${FAULT_CATALOG[kind].text}.`,
    rows: [
      ['family', FAULT_CATALOG[kind].family],
      ['used by', users.map(({ scenario }) => scenario.id).join(' · ')],
    ],
  };
}

function print({ title, place, text, rows }: Description, { results, printJson }: Screens): void {
  const width = Math.min(results.columns, WIDTH_MAX);
  const data = { type: 'description', id: title, place, text, ...Object.fromEntries(rows) };
  printJson?.(`${JSON.stringify(data)}\n`);
  results.write(` ${place === undefined ? title : `${padTo(title, 44)}  ${place}`}\n`);
  for (const line of wrap(text, width - 3)) results.write(`   ${line}\n`);
  for (const [name, value] of rows) {
    const lines = value === '' ? ['none'] : wrap(value, width - 16);
    lines.forEach((line, at) => {
      results.write(`   ${padTo(at === 0 ? name : '', 12)} ${line}\n`);
    });
  }
}
