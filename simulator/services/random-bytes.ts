// Bytes for salts, nonces and keys in a simulated host: unforeseeable to the code that uses them,
// drawn from the seed. Each boot of a host has a stream of its own, so nothing ever comes again.

import type { Random } from '../../engine/environment/random.ts';

export function simulatedRandomBytes(random: Random): (length: number) => Uint8Array {
  const dice = random.fork('random-bytes');
  return (length) => Uint8Array.from({ length }, () => dice.below(256));
}
