// Which rare choices the hosts of one world take. The sites are in the engine and ask whoever is
// responsible for their thread; several worlds may share one, so each answers for its own steps.

import { chooseRarely, type RareChooser } from '../engine/core/buggify.ts';
import type { StepScope } from './kernel/scope.ts';

export class RareChoices {
  /** By site. The first that says yes decides. */
  readonly #deciders = new Map<string, Set<() => boolean>>();
  readonly #chooser: RareChooser = (site) => {
    for (const decide of this.#deciders.get(site) ?? []) if (decide()) return true;
    return false;
  };

  /** `decide` is asked each time a host passes the site, until what this returns is called. */
  add(site: string, decide: () => boolean): () => void {
    const deciders = this.#deciders.get(site) ?? new Set();
    this.#deciders.set(site, deciders.add(decide));
    return () => {
      deciders.delete(decide);
      if (deciders.size === 0) this.#deciders.delete(site);
    };
  }

  /** Answers while code of a host runs; `scope` is told the same. */
  during(scope: StepScope): StepScope {
    return {
      enter: () => {
        chooseRarely(this.#deciders.size === 0 ? undefined : this.#chooser);
        scope.enter();
      },
      leave: () => {
        chooseRarely(undefined);
        scope.leave();
      },
      unguarded: (work) => scope.unguarded(work),
      takeViolation: () => scope.takeViolation(),
    };
  }
}
