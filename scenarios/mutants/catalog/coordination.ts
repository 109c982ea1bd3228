// Mutants of the checkpoint coordinator.

import type { Mutant } from '../mutant.ts';

export const COORDINATION_MUTANTS: readonly Mutant[] = [];
