// `onceproof replay`: one run again, in this process, with everything recorded. Whether it shows
// what it is said to show is the answer; the exit code says so too.

import { formatRunId } from '../../seeds.ts';
import type { ParsedLine } from '../arguments/command-line.ts';
import { DEFAULT_OUT, readScreen } from '../arguments/run-settings.ts';
import { Values } from '../arguments/values.ts';
import { type Context, openScreens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { debugReplay, debugWishes } from '../debug/debug-replay.ts';
import { HistoryFile } from '../history-file.ts';
import { loadScenario, refuseIdleMutant } from '../repro/load-scenario.ts';
import { readRequest } from '../repro/request.ts';
import { readStoredSuite } from '../suite/stored-suite.ts';
import { Runner } from '../worker/run-once.ts';
import { printReplay } from './print-replay.ts';
import { exitOfReplay, outcomeOf } from './replay-outcome.ts';
import { replayRepro } from './replay-repro.ts';

export async function replayVerb(line: ParsedLine, context: Context): Promise<ExitCode> {
  const values = new Values(line.typed, context.environment);
  const screens = openScreens(context, readScreen(values));
  const out = values.text('out') ?? DEFAULT_OUT;
  const isFixExpected = values.isOn('expect-fixed');
  const wishes = debugWishes(values);
  const request = await readRequest(line, context, out);
  if (wishes !== undefined) return debugReplay(request, wishes, screens);
  if (request.kind === 'repro') return replayRepro({ request, screens, isFixExpected });
  const { id, files, mutant } = request;
  const { catalog, entry } = await loadScenario({ ...id, files, mutant });
  const { simulate } = await import('../../simulate.ts');
  const historyPath = values.text('history');
  const history = historyPath === undefined ? undefined : new HistoryFile(historyPath);
  const runner = new Runner(catalog, history?.keeping(simulate) ?? simulate);
  process.on('unhandledRejection', (error) => {
    if (!runner.blame(error)) throw error;
  });
  const done = await runner.run({ ...id, sequence: 0, isRepeated: false, record: 'all' });
  refuseIdleMutant(mutant);
  const run = formatRunId(id);
  history?.write(run);
  // What the log holds was the real engine's; a mutant is expected to be caught.
  const stored = mutant === undefined ? await readStoredSuite(out) : undefined;
  const recorded = stored?.runs.find((one) => one.run === run);
  const outcome = outcomeOf(id, done, recorded);
  const exit = exitOfReplay(outcome, isFixExpected);
  printReplay({
    replayed: { id, run, done, recorded, outcome },
    entry,
    files,
    mutant,
    screens,
    printsAllEvents: values.isOn('print-events'),
    exit,
  });
  return exit;
}
