// The generator behind every random stream of a simulation, and the seeds that name one.

export { SeededRandom } from '../engine/environment/seeded-random.ts';

/** A 64-bit seed as 16 lower-case hexadecimal digits: `9f3c21aa04d7be10`. */
export type Seed = string;

export function isSeed(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}
