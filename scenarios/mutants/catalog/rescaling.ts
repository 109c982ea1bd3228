// Mutants of the assignment of state to other parallelisms.

import type { Mutant } from '../mutant.ts';

export const RESCALING_MUTANTS: readonly Mutant[] = [];
