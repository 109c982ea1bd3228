// What a replay or a shrink is about: a run by its id, a finding of the last suite, or a repro
// file, with the files and the mutant that it needs.

import { OnceproofError } from '../../../engine/core/errors.ts';
import type { Repro } from '../../repro/repro.ts';
import { parseRunId, parseSeed, type RunId } from '../../seeds.ts';
import { type ParsedLine, parseCommandLine } from '../arguments/command-line.ts';
import { Values } from '../arguments/values.ts';
import type { Context } from '../context.ts';
import { isFile } from '../suite/select.ts';
import { wordsFor } from '../suite/stored-suite.ts';
import { isReproFile, readRepro } from './repro-files.ts';

export type Request = {
  /** As it was named: `F1`, a run id, a path. */
  readonly name: string;
  readonly files: readonly string[];
  readonly mutant: string | undefined;
} & (
  | { readonly kind: 'run'; readonly id: RunId }
  | { readonly kind: 'repro'; readonly path: string; readonly repro: Repro }
);

/** `out` holds the results of the last suite. */
export async function readRequest(
  line: ParsedLine,
  context: Context,
  out: string,
): Promise<Request> {
  const files = line.words.filter((word) => isFile(word) && !isReproFile(word));
  const [name, ...others] = line.words.filter((word) => !files.includes(word));
  if (name === undefined || others.length > 0) {
    throw new OnceproofError('OP-E113', `Cannot tell what to ${line.verb}: name exactly one run`, {
      remedy: 'Use a run id as in failover/keyed-count@fs#9f3c21aa04d7be10, or F1, or latest',
    });
  }
  if (/^(F\d+|latest)$/i.test(name)) {
    const words = await wordsFor(name, out);
    const stored = parseCommandLine(['replay', ...words], context.version);
    if (stored.kind === 'command') return { ...(await readRequest(stored, context, out)), name };
  }
  const which = new Values(line.typed, context.environment).text('mutants');
  const mutant = which === 'off' ? undefined : which;
  if (!isReproFile(name)) return { kind: 'run', name, id: readRunId(name), files, mutant };
  const repro = readRepro(name);
  return {
    kind: 'repro',
    name,
    path: name,
    repro,
    files: files.length > 0 ? files : (repro.files ?? []),
    mutant: which === undefined ? repro.mutant : mutant,
  };
}

function readRunId(name: string): RunId {
  const id = parseRunId(name);
  if (id !== undefined) return id;
  const [, seed] = /#(.*)$/.exec(name) ?? [];
  const problem =
    seed !== undefined && parseSeed(seed) === undefined
      ? `its seed "${seed}" is not 16 hexadecimal digits`
      : 'it is not of the form scenario@backend#seed';
  throw new OnceproofError('OP-E125', `Cannot replay "${name}": ${problem}`, {
    remedy: 'Copy the whole line that was printed with the finding',
  });
}
