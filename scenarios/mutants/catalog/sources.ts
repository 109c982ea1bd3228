// Mutants of sources and their coordinators.

import type { Mutant } from '../mutant.ts';

export const SOURCE_MUTANTS: readonly Mutant[] = [];
