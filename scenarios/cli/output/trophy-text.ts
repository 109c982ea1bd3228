// What is said of a mutant as soon as its hunt is over, before the real engine was tried on the
// seeds that killed it.

import type { Trophy } from '../mutants/hunter.ts';
import { count, plural } from './text.ts';

export function trophyText({ mutant, hunts }: Trophy): string {
  const { name, description, expectedProperty } = mutant;
  const kills = hunts.filter(({ kill }) => kill !== undefined);
  const [first] = kills;
  const runs = hunts.reduce((sum, { seeds }) => sum + seeds, 0);
  if (first?.kill === undefined)
    return ` ✗ ${name} survived ${plural(runs, 'run')}: ${description}`;
  const { property } = first.kill;
  const other = property === expectedProperty ? '' : ` (expected ${expectedProperty})`;
  const where =
    hunts.length === 1
      ? `in run ${count(first.seeds)}`
      : `with ${kills.length} of ${plural(hunts.length, 'root seed')}`;
  return ` ✓ ${name} killed by ${property}${other} ${where}: ${description}`;
}
