// Mutants of timers, windows and watermarks.

import type { Mutant } from '../mutant.ts';

export const TIME_MUTANTS: readonly Mutant[] = [];
