// Chance as data: the streams that a script names yield what it says instead of what their seed
// gives, and whoever listens is told every draw. A stream is named by the labels that lead to it,
// such as `network/link/jm/tm-1`. Streams that no script names are left to their seed.

import { assert } from '../../engine/core/assert.ts';
import type { Random } from '../../engine/environment/random.ts';

/** By stream, then by the number of the draw, counted from 0. */
export type Draws = ReadonlyMap<string, ReadonlyMap<number, number>>;

export interface ChanceScript {
  /** Streams at and below these names always give the least: 0, or false. */
  readonly quiet: readonly string[];
  /** Draws of quiet streams that give something else. */
  readonly draws: Draws;
}

/** Everything is left to the seed. */
export const SEEDED: ChanceScript = { quiet: [], draws: new Map() };

export interface Draw {
  readonly stream: string;
  /** Counted from 0. */
  readonly index: number;
  readonly value: number;
}

/** `root` with the streams of the script replaced. */
export function scriptedRandom(
  root: Random,
  script: ChanceScript,
  onDraw: (draw: Draw) => void = () => undefined,
): Random {
  return new ScriptedRandom(root, '', { script, onDraw });
}

/** Whether a stream is one of `names`, or below one. */
export function isAmong(names: readonly string[], stream: string): boolean {
  return names.some((name) => stream === name || stream.startsWith(`${name}/`));
}

interface Stage {
  readonly script: ChanceScript;
  readonly onDraw: (draw: Draw) => void;
}

const TWO_TO_32 = 2 ** 32;

class ScriptedRandom implements Random {
  readonly #seeded: Random;
  readonly #stream: string;
  readonly #stage: Stage;
  readonly #isQuiet: boolean;
  readonly #draws: ReadonlyMap<number, number> | undefined;
  #index = 0;

  constructor(seeded: Random, stream: string, stage: Stage) {
    this.#seeded = seeded;
    this.#stream = stream;
    this.#stage = stage;
    this.#isQuiet = isAmong(stage.script.quiet, stream);
    this.#draws = stage.script.draws.get(stream);
  }

  fork(label: string): Random {
    const stream = this.#stream === '' ? label : `${this.#stream}/${label}`;
    return new ScriptedRandom(this.#seeded.fork(label), stream, this.#stage);
  }

  below(limit: number): number {
    assert(limit >= 1, `Cannot draw below ${limit}`);
    const scripted = this.#scripted();
    // The limit may be another than when the script was recorded.
    if (scripted !== undefined) return this.#tell(Math.min(scripted, limit - 1));
    return this.#tell(this.#seeded.below(limit));
  }

  fraction(): number {
    const scripted = this.#scripted();
    const fraction = scripted === undefined ? this.#seeded.fraction() : scripted / TWO_TO_32;
    this.#tell(fraction * TWO_TO_32);
    return fraction;
  }

  chance(probability: number): boolean {
    const scripted = this.#scripted();
    const isHit = scripted === undefined ? this.#seeded.chance(probability) : scripted > 0;
    this.#tell(isHit ? 1 : 0);
    return isHit;
  }

  /** Undefined: up to the seed. */
  #scripted(): number | undefined {
    return this.#isQuiet ? (this.#draws?.get(this.#index) ?? 0) : undefined;
  }

  #tell(value: number): number {
    this.#stage.onDraw({ stream: this.#stream, index: this.#index, value });
    this.#index += 1;
    return value;
  }
}
