// Chance, in labelled independent streams: drawing from one never changes what another yields, so
// adding a use of chance somewhere does not reshuffle everybody else's dice.

export interface Random {
  /**
   * An independent stream for `label`. Depends only on this stream's own seed and the label, not on
   * how much was drawn: the same label forked twice gives two streams with the same draws.
   */
  fork(label: string): Random;
  /** A uniform integer in 0..limit-1. `limit` is an integer in 1..2^32. */
  below(limit: number): number;
  /** A uniform number in [0, 1), with 32 bits of randomness. */
  fraction(): number;
  /** True with the given probability; draws exactly once. */
  chance(probability: number): boolean;
}
