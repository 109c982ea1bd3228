// Mutants of leader election, fencing and the pointer to the newest checkpoint.

import type { Mutant } from '../mutant.ts';

export const LEADERSHIP_MUTANTS: readonly Mutant[] = [];
