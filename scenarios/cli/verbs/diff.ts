// `onceproof diff`: two runs side by side, or one run on the engine and on a mutant of it. Exits
// with 0 if they are the same and with 1 if they are not, as diff does.

import { OnceproofError } from '../../../engine/core/errors.ts';
import { endRows, partingOf } from '../../debug/compare.ts';
import type { ParsedLine } from '../arguments/command-line.ts';
import { DEFAULT_OUT, readScreen } from '../arguments/run-settings.ts';
import { Values } from '../arguments/values.ts';
import { type Context, openScreens } from '../context.ts';
import { diffText } from '../debug/diff-text.ts';
import { titleOf } from '../debug/open-subject.ts';
import { recordSide } from '../debug/record-side.ts';
import type { ExitCode } from '../exit-codes.ts';
import { isReproFile } from '../repro/repro-files.ts';
import { readRequest, type Request } from '../repro/request.ts';
import { isFile } from '../suite/select.ts';

export async function diffVerb(line: ParsedLine, context: Context): Promise<ExitCode> {
  const values = new Values(line.typed, context.environment);
  const screens = openScreens(context, readScreen(values));
  const out = values.text('out') ?? DEFAULT_OUT;
  const [left, right] = await sidesOf(line, context, out);
  const [one, other] = await Promise.all([recordSide(left), recordSide(right)]);
  const { text, isSame } = diffText(
    { title: titleOf(left), run: one },
    { title: titleOf(right), run: other },
  );
  const exit: ExitCode = isSame ? 0 : 1;
  const { results } = screens;
  results.write(`${text} exit ${exit}: the runs ${isSame ? 'are the same' : 'differ'}\n`);
  const json = {
    v: 1,
    type: 'diff',
    left: titleOf(left),
    right: titleOf(right),
    parting: partingOf(one.trace, other.trace) ?? null,
    end: endRows(one, other),
    exit,
  };
  screens.printJson?.(`${JSON.stringify(json)}\n`);
  return exit;
}

async function sidesOf(
  line: ParsedLine,
  context: Context,
  out: string,
): Promise<readonly [Request, Request]> {
  const files = line.words.filter((word) => isFile(word) && !isReproFile(word));
  const names = line.words.filter((word) => !files.includes(word));
  const [first, second, ...others] = names;
  const read = (name: string): Promise<Request> =>
    readRequest({ ...line, words: [...files, name] }, context, out);
  const which = new Values(line.typed, context.environment).text('mutants');
  if (first !== undefined && others.length === 0) {
    const request = await read(first);
    if (second !== undefined) return [request, await read(second)];
    const mutant = which === undefined || which === 'off' ? request.mutant : which;
    if (mutant !== undefined) {
      return [
        { ...request, mutant: undefined },
        { ...request, mutant },
      ];
    }
  }
  throw new OnceproofError('OP-E171', 'Cannot tell what to compare', {
    remedy: 'Name two runs, or one and a mutant, as in "onceproof diff F1 --mutants=canary"',
  });
}
