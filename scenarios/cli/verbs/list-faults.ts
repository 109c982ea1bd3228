// `onceproof list faults`: what can go wrong in a run, by family, with how many scenarios draw it,
// and what is not modeled. Generated from what the simulator and the scenarios say themselves.

import {
  FAULT_CATALOG,
  FAULT_KINDS,
  faultKindsOf,
  type FaultKind,
  NOT_MODELED,
} from '../../../simulator/index.ts';
import { DECLARED_SITES } from '../../declared-marks.ts';
import type { Scenario } from '../../scenario.ts';
import type { Screens } from '../context.ts';
import { padTo, wrap } from '../output/lay-out.ts';

/** Drawn wherever a backend keeps its checkpoints in a service, whatever else a scenario draws. */
const WITH_SERVICE = faultKindsOf('service');

export function listFaults(scenarios: readonly Scenario[], screens: Screens): void {
  const { results, printJson } = screens;
  const width = Math.max(...FAULT_KINDS.map((kind) => kind.length));
  const families = [...new Set(FAULT_KINDS.map((kind) => FAULT_CATALOG[kind].family))];
  for (const family of families) {
    results.write(` ${family}\n`);
    for (const kind of faultKindsOf(family)) {
      const { text } = FAULT_CATALOG[kind];
      const users = usersOf(kind, scenarios);
      printJson?.(`${JSON.stringify({ type: 'fault', name: kind, family, text, users })}\n`);
      writeEntry(padTo(kind, width), `${text} (${users} of ${scenarios.length} scenarios)`);
    }
  }
  results.write(' what buggify has the engine choose\n');
  for (const site of DECLARED_SITES) {
    printJson?.(`${JSON.stringify({ type: 'site', name: site })}\n`);
    writeEntry('-', site);
  }
  results.write(' not modeled\n');
  for (const text of NOT_MODELED) {
    printJson?.(`${JSON.stringify({ type: 'not-modeled', text })}\n`);
    writeEntry('-', text);
  }
  const unused = FAULT_KINDS.filter((kind) => usersOf(kind, scenarios) === 0);
  const end = unused.length === 0 ? '' : ` · drawn by none: ${unused.join(', ')}`;
  results.write(` ${FAULT_KINDS.length} kinds${end} · --json for machines\n`);

  function writeEntry(head: string, text: string): void {
    wrap(text, results.columns - head.length - 6).forEach((line, at) => {
      results.write(`   ${at === 0 ? head : ' '.repeat(head.length)}  ${line}\n`);
    });
  }
}

function usersOf(kind: FaultKind, scenarios: readonly Scenario[]): number {
  return scenarios.filter(
    ({ faults }) => faults.includes(kind) || (WITH_SERVICE.includes(kind) && faults.length > 0),
  ).length;
}
