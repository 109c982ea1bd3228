// All transformations of one environment, in the order in which they were made.

import type { PhysicalTransformation } from '../graph/transformation.ts';

export class Program {
  readonly #transformations: PhysicalTransformation[] = [];

  get transformations(): readonly PhysicalTransformation[] {
    return this.#transformations;
  }

  add<T extends PhysicalTransformation>(transformation: T): T {
    this.#transformations.push(transformation);
    return transformation;
  }
}
