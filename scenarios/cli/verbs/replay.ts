// `onceproof replay`: one run again, in this process, with everything recorded. Whether it shows
// what it is said to show is the answer; the exit code says so too.

import { OnceproofError } from '../../../engine/core/errors.ts';
import { formatRunId, parseRunId, parseSeed, type RunId } from '../../seeds.ts';
import { type ParsedLine, parseCommandLine } from '../arguments/command-line.ts';
import { DEFAULT_OUT, readScreen } from '../arguments/run-settings.ts';
import { Values } from '../arguments/values.ts';
import { type Context, openScreens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { appliedMutant, checkMutant, findOneMutant, installMutant } from '../mutants/load-hook.ts';
import { findEntry, loadCatalog } from '../suite/catalog.ts';
import { isFile } from '../suite/select.ts';
import { readStoredSuite, wordsFor } from '../suite/stored-suite.ts';
import { Runner } from '../worker/run-once.ts';
import { printReplay } from './print-replay.ts';
import { exitOfReplay, outcomeOf } from './replay-outcome.ts';

interface ReplayRequest {
  readonly id: RunId;
  readonly files: readonly string[];
  readonly mutant: string | undefined;
}

export async function replayVerb(line: ParsedLine, context: Context): Promise<ExitCode> {
  const values = new Values(line.typed, context.environment);
  const screens = openScreens(context, readScreen(values));
  const out = values.text('out') ?? DEFAULT_OUT;
  const request = await readRequest(line, context, out);
  if (request.mutant !== undefined) {
    const mutant = findOneMutant(request.mutant);
    checkMutant(mutant);
    // Before anything of the engine is loaded.
    installMutant(mutant);
  }
  const catalog = await loadCatalog(request.files);
  const { simulate } = await import('../../simulate.ts');
  const entry = findEntry(catalog, request.id.scenario);
  const { scenario: named } = entry;
  const backends = [...named.backends, ...named.backendsOnRequest];
  if (!backends.some((backend) => backend === request.id.backend)) {
    const { scenario, backend } = request.id;
    throw new OnceproofError('OP-E124', `Scenario "${scenario}" has no backend "${backend}"`, {
      remedy: `Use one of ${backends.join(', ')}`,
    });
  }
  const runner = new Runner(catalog, simulate);
  process.on('unhandledRejection', (error) => {
    if (!runner.blame(error)) throw error;
  });
  const done = await runner.run({
    ...request.id,
    sequence: 0,
    isRepeated: false,
    record: 'all',
  });
  refuseIdleMutant(request.mutant);
  const run = formatRunId(request.id);
  // What the log holds was the real engine's; a mutant is expected to be caught.
  const stored = request.mutant === undefined ? await readStoredSuite(out) : undefined;
  const recorded = stored?.runs.find((one) => one.run === run);
  const outcome = outcomeOf(request.id, done, recorded);
  const exit = exitOfReplay(outcome);
  printReplay({
    replayed: { id: request.id, run, done, recorded, outcome },
    entry,
    files: request.files,
    mutant: request.mutant,
    screens,
    printsAllEvents: values.isOn('print-events'),
    exit,
  });
  return exit;
}

/** From the words of the command line, or from the replay line that a name stands for. */
async function readRequest(
  line: ParsedLine,
  context: Context,
  out: string,
): Promise<ReplayRequest> {
  const files = line.words.filter(isFile);
  const [name, ...others] = line.words.filter((word) => !isFile(word));
  const values = new Values(line.typed, context.environment);
  if (name === undefined || others.length > 0) {
    throw new OnceproofError('OP-E113', 'Cannot tell what to replay: name exactly one run', {
      remedy: 'Use a run id as in failover/keyed-count@fs#9f3c21aa04d7be10, or F1, or latest',
    });
  }
  if (/^(F\d+|latest)$/i.test(name)) {
    const words = await wordsFor(name, out);
    const stored = parseCommandLine(['replay', ...words], context.version);
    if (stored.kind === 'command') return readRequest(stored, context, out);
  }
  const which = values.text('mutants');
  const mutant = which === 'off' ? undefined : which;
  return { id: readRunId(name), files, mutant };
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

function refuseIdleMutant(which: string | undefined): void {
  if (which === undefined || appliedMutant() !== undefined) return;
  throw new OnceproofError('OP-E142', `Cannot use mutant "${which}": its module is not loaded`);
}
