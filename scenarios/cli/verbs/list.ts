// `onceproof list`: what exists, one line each.

import { OnceproofError } from '../../../engine/core/errors.ts';
import { MUTANTS } from '../../mutants/index.ts';
import { mutantsMarkdown } from '../../mutants/markdown.ts';
import type { ParsedLine } from '../arguments/command-line.ts';
import { DEFAULT_OUT, readScreen, readSelection } from '../arguments/run-settings.ts';
import { Values } from '../arguments/values.ts';
import { type Context, openScreens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { didYouMean } from '../nearest.ts';
import { padTo, wrap } from '../output/lay-out.ts';
import { type Case, isFile, selectCases } from '../suite/select.ts';
import { requireStoredSuite } from '../suite/stored-suite.ts';
import { listFaults } from './list-faults.ts';
import { listScenarios } from './list-scenarios.ts';

const KINDS = ['scenarios', 'properties', 'faults', 'backends', 'mutants', 'findings', 'runs'];

/** One line: a name, what there is to say about it, and the same for machines. */
interface Row {
  readonly name: string;
  readonly text: string;
  readonly data: object;
}

export async function listVerb(line: ParsedLine, context: Context): Promise<ExitCode> {
  const values = new Values(line.typed, context.environment);
  const screens = openScreens(context, readScreen(values));
  const { kind, words } = kindOf(line.words);
  const out = values.text('out') ?? DEFAULT_OUT;
  if (kind === 'mutants' && values.isOn('markdown')) {
    screens.results.write(mutantsMarkdown(MUTANTS));
    return 0;
  }
  if (kind === 'scenarios') {
    const selection = readSelection(words, values);
    const { catalog, cases } = await selectCases(selection, { isEverythingNamed: true });
    return listScenarios({ catalog, cases, screens });
  }
  if (kind === 'faults') {
    const selection = readSelection(words, values);
    const { catalog } = await selectCases(selection, { isEverythingNamed: true });
    listFaults(
      catalog.entries.map(({ scenario }) => scenario),
      screens,
    );
    return 0;
  }
  const rows = await rowsOf(kind, out, async () => {
    const selection = readSelection(words, values);
    return (await selectCases(selection, { isEverythingNamed: true })).cases;
  });
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  for (const { name, text, data } of rows) {
    screens.printJson?.(`${JSON.stringify(data)}\n`);
    wrap(text, screens.results.columns - width - 4).forEach((part, at) => {
      const line = ` ${padTo(at === 0 ? name : '', width)}  ${part}`;
      screens.results.write(`${line.trimEnd()}\n`);
    });
  }
  screens.results.write(` ${rows.length} ${kind} · --json for machines\n`);
  return 0;
}

/** The first word may be left out before a filter. */
function kindOf(words: readonly string[]): { kind: string; words: readonly string[] } {
  const [first, ...rest] = words;
  if (first === undefined) return { kind: 'scenarios', words: [] };
  if (KINDS.includes(first)) return { kind: first, words: rest };
  if (isFile(first) || /[/*@]/.test(first)) return { kind: 'scenarios', words };
  throw new OnceproofError('OP-E112', `Cannot list "${first}"${didYouMean(first, KINDS)}`, {
    remedy: `Use one of ${KINDS.join(', ')}`,
  });
}

async function rowsOf(
  kind: string,
  out: string,
  cases: () => Promise<readonly Case[]>,
): Promise<readonly Row[]> {
  switch (kind) {
    case 'properties':
      return properties(await cases());
    case 'backends':
      return backends(await cases());
    case 'mutants':
      return MUTANTS.map((mutant) => {
        const { name, description, expectedProperty, area, operator, standsFor } = mutant;
        return {
          name,
          text: `${description} (${expectedProperty})`,
          data: {
            type: 'mutant',
            name,
            description,
            expectedProperty,
            area,
            operator,
            standsFor,
          },
        };
      });
    case 'findings':
      return (await requireStoredSuite(out)).findings.map(({ id, property, run, message }) => ({
        name: id,
        text: `${property}  ${run}  ${message.split('\n', 1)[0] ?? ''}`,
        data: { type: 'finding', id, property, run, message },
      }));
    default:
      return (await requireStoredSuite(out)).runs.map(({ run, verdict, property, digest }) => ({
        name: run,
        text: `${verdict}${property === undefined ? '' : ` ${property}`}  ${digest}`,
        data: { type: 'run', run, verdict, property, digest },
      }));
  }
}

function properties(cases: readonly Case[]): Row[] {
  const checkers = new Map(
    cases.flatMap(({ entry }) => entry.checkers).map((checker) => [checker.name, checker]),
  );
  return [...checkers.values()].map(({ name, explanation }) => {
    return { name, text: explanation, data: { type: 'property', name, explanation } };
  });
}

function backends(cases: readonly Case[]): Row[] {
  const names = [...new Set(cases.map(({ backend }) => backend))];
  return names.map((name) => {
    const count = cases.filter(({ backend }) => backend === name).length;
    return { name, text: `${count} scenarios`, data: { type: 'backend', name, scenarios: count } };
  });
}
