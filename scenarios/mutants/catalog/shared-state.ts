// Mutants of shared state, subsumption and retention.

import type { Mutant } from '../mutant.ts';

export const SHARED_STATE_MUTANTS: readonly Mutant[] = [];
