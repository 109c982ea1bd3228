// A mutant is an engine with one statement made wrong on purpose. Suites that do not notice it
// prove nothing about that statement. Mutants are data: the text of a module is changed as it is
// loaded, nothing on disk is, and without a mutant the engine is loaded untouched.

import type { BackendName } from '../backend-names.ts';

/** The part of the engine that a mutant breaks; the score is shown by it. */
export type MutantArea =
  | 'shared-state'
  | 'coordination'
  | 'in-flight-data'
  | 'sources'
  | 'sinks'
  | 'state'
  | 'time'
  | 'rescaling'
  | 'leadership'
  | 'operations';

/** One change of one statement. */
export interface Edit {
  /**
   * One statement without type annotations, so that it reads the same in TypeScript and compiled.
   */
  readonly find: string;
  readonly replace: string;
}

export interface Mutant extends Edit {
  /** Kebab-case; part of replay lines. */
  readonly name: string;
  /** What the engine does wrong, as a sentence without a subject. */
  readonly description: string;
  /** Real bugs that it brings back, as `FLINK-21351`; none where there is no known one. */
  readonly standsFor: readonly string[];
  /** Its mutation operator, `M1` to `M18` of docs/mutants.md. */
  readonly operator: `M${number}`;
  readonly area: MutantArea;
  /** Module of the engine, relative to `engine/`, without its extension. */
  readonly file: string;
  /** Further statements of the same module that have to change with it. */
  readonly also?: readonly Edit[];
  /** The checker that is expected to object first. */
  readonly expectedProperty: string;
  /** Tag of the scenarios to try first where none are selected; then all have their turn. */
  readonly tag?: string;
  /** Where it shows, and so where it is hunted if nobody asks for others. Default: as scenarios. */
  readonly backends?: readonly BackendName[];
  /** It changes nothing that matters, and is the control of the hunt: not part of the score. */
  readonly mustSurvive?: boolean;
}

export type MutationResult =
  | { readonly kind: 'mutated'; readonly text: string }
  /** A mutant that changes nothing, or more than it says, must not be taken for one. */
  | { readonly kind: 'not-once'; readonly find: string; readonly matches: number };

/** White space does not count: the compiler lays statements out in its own way. */
export function mutate(
  mutant: Pick<Mutant, 'find' | 'replace' | 'also'>,
  text: string,
): MutationResult {
  let mutated = text;
  for (const { find, replace } of [mutant, ...(mutant.also ?? [])]) {
    const pattern = new RegExp([...find.replace(/\s+/g, '')].map(escape).join('\\s*'), 'g');
    const matches = [...mutated.matchAll(pattern)].length;
    if (matches !== 1) return { kind: 'not-once', find, matches };
    mutated = mutated.replace(pattern, () => replace);
  }
  return { kind: 'mutated', text: mutated };
}

function escape(character: string): string {
  return /\w/.test(character) ? character : `\\${character}`;
}
