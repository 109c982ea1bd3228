// The table of scenarios, for `onceproof list` and `onceproof run --list`.

import type { Screens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { padTo } from '../output/lay-out.ts';
import { plural } from '../output/text.ts';
import type { Catalog, Entry } from '../suite/catalog.ts';
import type { Case } from '../suite/select.ts';

export function listScenarios(options: {
  readonly catalog: Catalog;
  readonly cases: readonly Case[];
  readonly screens: Screens;
}): ExitCode {
  const { catalog, cases, screens } = options;
  const { results, printJson } = screens;
  const backends = new Map<Entry, string[]>();
  for (const { entry, backend } of cases) {
    backends.set(entry, [...(backends.get(entry) ?? []), backend]);
  }
  const entries = [...backends.keys()];
  const width = Math.max(0, ...entries.map(({ scenario }) => scenario.id.length));
  const backendsWidth = Math.max(0, ...[...backends.values()].map((all) => all.join(' ').length));
  for (const entry of entries) {
    const { scenario, checkers, source } = entry;
    const { id, claim, tags } = scenario;
    const names = backends.get(entry) ?? [];
    const properties = checkers.map(({ name }) => name);
    const line = { type: 'scenario', id, claim, tags, backends: names, properties, source };
    printJson?.(`${JSON.stringify(line)}\n`);
    const place = source === undefined ? '' : `${source.file}:${source.line}`;
    const judged = padTo(plural(checkers.length, 'property'), 14);
    const on = padTo(names.join(' '), backendsWidth);
    results.write(` ${padTo(id, width)}  ${judged} ${on}  ${place}\n`);
  }
  const all = catalog.entries.length;
  results.write(` ${entries.length} of ${plural(all, 'scenario')} · --json for machines\n`);
  return 0;
}
