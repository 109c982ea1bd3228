// Typed values of flags. What was typed wins over the environment, which wins over the default. A
// value that cannot be used is an error that names the flag or the variable it came from.

import { OnceproofError } from '../../../engine/core/errors.ts';
import { didYouMean } from '../nearest.ts';
import { variableOf } from './variable-of.ts';

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

export class Values {
  readonly #typed: ReadonlyMap<string, string | boolean>;
  readonly #environment: EnvironmentVariables;

  constructor(typed: ReadonlyMap<string, string | boolean>, environment: EnvironmentVariables) {
    this.#typed = typed;
    this.#environment = environment;
  }

  text(flag: string): string | undefined {
    const typed = this.#typed.get(flag);
    if (typed !== undefined) return String(typed);
    const variable = this.#environment[variableOf(flag)];
    return variable === '' ? undefined : variable;
  }

  isOn(flag: string): boolean {
    const text = this.text(flag);
    if (text === undefined) return false;
    if (['true', '1', 'yes', 'on'].includes(text)) return true;
    if (['false', '0', 'no', 'off'].includes(text)) return false;
    throw this.unusable(flag, 'it must be true or false');
  }

  list(flag: string): readonly string[] | undefined {
    const words = this.text(flag)
      ?.split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');
    return words === undefined || words.length === 0 ? undefined : words;
  }

  count(flag: string): number | undefined {
    const text = this.text(flag);
    if (text === undefined) return undefined;
    const count = /^\d+(_\d+)*$/.test(text) ? Number(text.replaceAll('_', '')) : 0;
    if (count >= 1 && count <= 1_000_000_000) return count;
    throw this.unusable(flag, 'it must be a whole number above 0');
  }

  durationMs(flag: string): number | undefined {
    const text = this.text(flag);
    if (text === undefined) return undefined;
    const [, number, unit] = DURATION.exec(text) ?? [];
    const durationMs = Number(number) * (UNIT_MS.get(unit ?? '') ?? Number.NaN);
    if (durationMs > 0) return Math.round(durationMs);
    throw this.unusable(flag, 'it must be a number with a unit, as in 30s, 5m or 2h');
  }

  pattern(flag: string): RegExp | undefined {
    const text = this.text(flag);
    if (text === undefined) return undefined;
    try {
      return new RegExp(text, 'i');
    } catch {
      throw this.unusable(flag, 'it must be a regular expression');
    }
  }

  /** One of `choices`, the first if nothing was given. */
  choice<const T extends string>(flag: string, choices: readonly [T, ...T[]]): T {
    const text = this.text(flag);
    if (text === undefined) return choices[0];
    const choice = choices.find((known) => known === text);
    if (choice !== undefined) return choice;
    const guess = didYouMean(text, choices);
    throw this.unusable(flag, `it must be one of ${choices.join(', ')}${guess}`);
  }

  /** Several of `choices`. */
  choices<const T extends string>(flag: string, choices: readonly T[]): readonly T[] | undefined {
    return this.list(flag)?.map((word) => {
      const choice = choices.find((known) => known === word);
      if (choice !== undefined) return choice;
      const guess = didYouMean(word, choices);
      throw this.unusable(flag, `"${word}" is not one of ${choices.join(', ')}${guess}`);
    });
  }

  unusable(flag: string, problem: string): OnceproofError {
    const place = this.#typed.has(flag) ? `--${flag}` : variableOf(flag);
    const text = this.text(flag) ?? '';
    return new OnceproofError('OP-E112', `Cannot use "${text}" for ${place}: ${problem}`, {
      remedy: 'See "onceproof --help" for what it takes',
    });
  }
}
