// What a shrink has found so far: the smallest case that is known to fail, and what may still be
// spent on finding a smaller one. It never keeps a case that it has not seen fail.

import { hashHex } from '../../engine/core/hash.ts';
import type { ReachedMark } from '../../simulator/index.ts';
import type { FailingCase } from './failing-case.ts';

/** What running a case came to. */
export interface Attempt {
  /** Whether it shows the violation that is being shrunk. */
  readonly fails: boolean;
  readonly steps: number;
  /** How often each fault struck. */
  readonly strikes: readonly number[];
  readonly marks: readonly ReachedMark[];
}

export interface Smallest {
  readonly case: FailingCase;
  readonly attempt: Attempt;
}

export interface SearchOptions {
  readonly attempt: (one: FailingCase) => Promise<Attempt>;
  readonly triesMax: number;
  /** Time is up, or somebody interrupted. */
  readonly isOver: () => boolean;
}

export class Search {
  readonly #options: SearchOptions;
  /** By what was tried: passes come back to the same case. */
  readonly #tried = new Set<string>();
  #smallest: Smallest;
  #tries = 0;

  /** `start` has been seen to fail. */
  constructor(options: SearchOptions, start: Smallest) {
    this.#options = options;
    this.#smallest = start;
    this.#tried.add(keyOf(start.case));
  }

  get smallest(): Smallest {
    return this.#smallest;
  }

  get case(): FailingCase {
    return this.#smallest.case;
  }

  get tries(): number {
    return this.#tries;
  }

  get isOver(): boolean {
    return this.#tries >= this.#options.triesMax || this.#options.isOver();
  }

  /** True if `candidate` fails as well: then it is the smallest case from now on. */
  async take(candidate: FailingCase): Promise<boolean> {
    const key = keyOf(candidate);
    if (this.isOver || this.#tried.has(key)) return false;
    this.#tried.add(key);
    this.#tries += 1;
    const attempt = await this.#options.attempt(candidate);
    if (attempt.fails) this.#smallest = { case: candidate, attempt };
    return attempt.fails;
  }

  /** As `take` with the present case changed. */
  change(changes: Partial<FailingCase>): Promise<boolean> {
    return this.take({ ...this.case, ...changes });
  }

  /** Takes the first of `candidates` that fails, if any does. */
  async takeFirst(candidates: Iterable<FailingCase>): Promise<boolean> {
    for (const candidate of candidates) if (await this.take(candidate)) return true;
    return false;
  }
}

function keyOf(one: FailingCase): string {
  const text = JSON.stringify(one, (_, value: unknown) =>
    value instanceof Map ? [...value].map((entry): unknown => entry) : value,
  );
  return hashHex(text);
}
