// A mutant is an engine with one statement made wrong on purpose. Suites that do not notice it
// prove nothing about that statement. Mutants are data: the text of a module is changed as it is
// loaded, nothing on disk is, and without a mutant the engine is loaded untouched.

export interface Mutant {
  /** Kebab-case; part of replay lines. */
  readonly name: string;
  /** What the engine does wrong, as a sentence without a subject. */
  readonly description: string;
  /** Module of the engine, relative to `engine/`, without its extension. */
  readonly file: string;
  /**
   * One statement without type annotations, so that it reads the same in TypeScript and compiled.
   */
  readonly find: string;
  readonly replace: string;
  /** The checker that is expected to object first. */
  readonly expectedProperty: string;
  /** Tag of the scenarios to try where none are selected; all of them if absent. */
  readonly tag?: string;
}

export type MutationResult =
  | { readonly kind: 'mutated'; readonly text: string }
  /** A mutant that changes nothing, or more than it says, must not be taken for one. */
  | { readonly kind: 'not-once'; readonly matches: number };

/** White space does not count: the compiler lays statements out in its own way. */
export function mutate(mutant: Pick<Mutant, 'find' | 'replace'>, text: string): MutationResult {
  const pattern = new RegExp([...mutant.find.replace(/\s+/g, '')].map(escape).join('\\s*'), 'g');
  const matches = [...text.matchAll(pattern)].length;
  if (matches !== 1) return { kind: 'not-once', matches };
  return { kind: 'mutated', text: text.replace(pattern, () => mutant.replace) };
}

function escape(character: string): string {
  return /\w/.test(character) ? character : `\\${character}`;
}
