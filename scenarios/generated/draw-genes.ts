// Draws the genes of a plan, and the records that its job reads.

import type { Random } from '../../engine/environment/random.ts';
import { GENE_KINDS } from './node-kinds.ts';
import type { Gene } from './plan.ts';
import { type GeneratedRecord, KEYS, TIMES } from './rules.ts';

const GENES_MIN = 2;
const GENES_MAX = 8;
const CHOICES = 60;
/** Inputs are rather near: chains with a few branches, not stars. */
const REACH = 3;

export function drawGenes(random: Random): readonly Gene[] {
  const count = GENES_MIN + random.below(GENES_MAX - GENES_MIN + 1);
  return Array.from({ length: count }, () => ({
    kind: GENE_KINDS[random.below(GENE_KINDS.length)] ?? 'map',
    first: random.below(REACH),
    second: random.below(2 * REACH),
    parallelism: random.below(CHOICES),
    chaining: random.below(CHOICES),
    variant: random.below(CHOICES),
  }));
}

/** Early enough for every source to lag behind and still be above 0. */
const START_MS = 10_000;

export function drawRecord(index: number, random: Random): GeneratedRecord {
  return {
    id: `r${index}`,
    key: random.below(KEYS),
    n: random.below(100),
    at: START_MS + index * TIMES.stepMs - random.below(TIMES.disorderMs),
  };
}
