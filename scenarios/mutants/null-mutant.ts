// The mutant that is none: it is loaded, hunted and judged as every other, and the engine it makes
// is the real one. A hunt that kills it cries wolf, and none of its other kills can be believed.

import type { Mutant } from './mutant.ts';

export const NULL_MUTANT: Mutant = {
  name: 'null',
  description: 'does everything right: it changes a comment, and must survive',
  standsFor: [],
  operator: 'M16',
  area: 'in-flight-data',
  file: 'checkpoint/barrier/single-checkpoint-barrier-handler',
  find: 'this.#effects.block(channel);',
  replace: 'this.#effects.block(channel); /* Nothing is changed. */',
  expectedProperty: 'exactly-once-ledger',
  mustSurvive: true,
};
