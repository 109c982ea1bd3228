// Mutants of keyed and operator state and its snapshots.

import type { Mutant } from '../mutant.ts';

export const STATE_MUTANTS: readonly Mutant[] = [];
