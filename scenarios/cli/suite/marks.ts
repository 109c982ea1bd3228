// Counts in how many runs each `sometimes` mark was reached, and by which run first. Marks that the
// engine declares are counted from the start: one that no run reaches is news too.

import type { Sometimes } from '../../../reports/index.ts';

export class Marks {
  readonly #marks = new Map<string, { runs: number; first: string | undefined }>();
  #runs = 0;

  constructor(declared: readonly string[] = []) {
    for (const name of declared) this.#marks.set(name, { runs: 0, first: undefined });
  }

  add(run: string, names: readonly string[]): void {
    this.#runs += 1;
    for (const name of names) {
      const mark = this.#marks.get(name);
      if (mark === undefined) this.#marks.set(name, { runs: 1, first: run });
      else {
        mark.runs += 1;
        mark.first ??= run;
      }
    }
  }

  /** By name, ascending. */
  events(): Sometimes[] {
    return [...this.#marks]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, { runs, first }]) => {
        const mark = { v: 1, type: 'sometimes', name, runs, of: this.#runs } as const;
        return first === undefined ? mark : { ...mark, first };
      });
  }
}
