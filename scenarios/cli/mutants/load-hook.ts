// Puts a mutant in place of a module of the engine while it is loaded, in this process only. It
// must be installed before the module is; that it took effect can be asked for afterwards.

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { OnceproofError } from '../../../engine/core/errors.ts';
import { CANARY, MUTANTS, NULL_MUTANT } from '../../mutants/index.ts';
import { type Mutant, mutate } from '../../mutants/mutant.ts';
import { didYouMean } from '../nearest.ts';

/** TypeScript in the repository, JavaScript in the package. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const ENGINE = new URL('../../../engine/', import.meta.url);

/** Across copies of this module: the preload's and the worker's may be two. */
const APPLIED = Symbol.for('onceproof.mutant');

/** Names, areas, `all`, `canary` and `null`, separated by commas; each mutant once. */
export function findMutants(which: string): readonly Mutant[] {
  const words = which.split(',').map((word) => word.trim());
  return [...new Set(words.flatMap(mutantsOf))];
}

function mutantsOf(word: string): readonly Mutant[] {
  if (word === 'canary') return [CANARY];
  if (word === 'all') return MUTANTS;
  const mutant = [...MUTANTS, NULL_MUTANT].find(({ name }) => name === word);
  if (mutant !== undefined) return [mutant];
  const inArea = MUTANTS.filter(({ area }) => area === word);
  if (inArea.length > 0) return inArea;
  const names = MUTANTS.flatMap(({ name, area }) => [name, area]);
  const guess = didYouMean(word, ['canary', 'all', 'null', 'off', ...new Set(names)]);
  throw new OnceproofError('OP-E140', `Cannot find mutant "${word}"${guess}`, {
    remedy: 'See "onceproof list mutants"',
  });
}

/** One mutant, as a replay needs it. */
export function findOneMutant(which: string): Mutant {
  const [mutant, ...others] = findMutants(which);
  if (mutant !== undefined && others.length === 0) return mutant;
  throw new OnceproofError('OP-E112', `Cannot replay "${which}": it is not one mutant`, {
    remedy: 'Name one of them, as its replay line does',
  });
}

/** Throws OP-E141 if the statement is not in its module exactly once. */
export function checkMutant(mutant: Mutant): void {
  const url = urlOf(mutant);
  mutatedText(mutant, readFileSync(url, 'utf8'), url);
}

export function installMutant(mutant: Mutant): void {
  const url = urlOf(mutant);
  registerHooks({
    load(loading, context, nextLoad) {
      const loaded = nextLoad(loading, context);
      if (loading !== url.href) return loaded;
      const text = new TextDecoder().decode(bytesOf(loaded.source));
      const source = mutatedText(mutant, text, url);
      Reflect.set(globalThis, APPLIED, mutant.name);
      return { ...loaded, source };
    },
  });
}

/** The name of the mutant that this process has really loaded. */
export function appliedMutant(): string | undefined {
  const name: unknown = Reflect.get(globalThis, APPLIED);
  return typeof name === 'string' ? name : undefined;
}

function urlOf({ file }: Mutant): URL {
  return new URL(`${file}.${EXTENSION}`, ENGINE);
}

function mutatedText(mutant: Mutant, text: string, url: URL): string {
  const result = mutate(mutant, text);
  if (result.kind === 'mutated') return result.text;
  const { name, file } = mutant;
  const { find, matches } = result;
  const problem = `"${find}" is in the module ${matches} times instead of once`;
  throw new OnceproofError('OP-E141', `Cannot use mutant "${name}": ${problem}`, {
    place: `engine/${file}.${url.pathname.endsWith('.ts') ? 'ts' : 'js'}`,
    remedy: 'Bring the mutant up to date with the engine',
  });
}

function bytesOf(source: string | ArrayBuffer | NodeJS.TypedArray | null | undefined): Uint8Array {
  if (source === null || source === undefined) return new Uint8Array();
  if (typeof source === 'string') return new TextEncoder().encode(source);
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}
