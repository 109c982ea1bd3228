// Loads the scenario that a request is about, on the engine that it is about: a mutant must be in
// place before any module of the engine is.

import { OnceproofError } from '../../../engine/core/errors.ts';
import { appliedMutant, checkMutant, findOneMutant, installMutant } from '../mutants/load-hook.ts';
import { type Catalog, type Entry, findEntry, loadCatalog } from '../suite/catalog.ts';

export interface Loaded {
  readonly catalog: Catalog;
  readonly entry: Entry;
}

export async function loadScenario(wanted: {
  readonly scenario: string;
  readonly backend: string;
  readonly files: readonly string[];
  readonly mutant: string | undefined;
}): Promise<Loaded> {
  const { scenario, backend, files } = wanted;
  if (wanted.mutant !== undefined) {
    const mutant = findOneMutant(wanted.mutant);
    checkMutant(mutant);
    installMutant(mutant);
  }
  const catalog = await loadCatalog(files);
  const entry = findEntry(catalog, scenario);
  const backends = [...entry.scenario.backends, ...entry.scenario.backendsOnRequest];
  if (!backends.some((known) => known === backend)) {
    throw new OnceproofError('OP-E124', `Scenario "${scenario}" has no backend "${backend}"`, {
      remedy: `Use one of ${backends.join(', ')}`,
    });
  }
  return { catalog, entry };
}

/** To be asked after a run: a mutant that is not in what ran has proved nothing. */
export function refuseIdleMutant(which: string | undefined): void {
  if (which === undefined || appliedMutant() !== undefined) return;
  throw new OnceproofError('OP-E142', `Cannot use mutant "${which}": its module is not loaded`);
}
