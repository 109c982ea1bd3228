// Shows a suite while it runs, in the way the reporters ask for. Everything here goes to stderr, so
// that stdout holds results only.

import type { Reporter, RunSettings } from '../arguments/run-settings.ts';
import type { Screens } from '../context.ts';
import type { SuiteWatcher } from '../suite/run-suite.ts';
import type { Tally } from '../suite/tally.ts';
import { LiveBlock } from './live-block.ts';
import { ProgressLines } from './progress-lines.ts';
import { duration, plural } from './text.ts';

export interface SuiteView extends SuiteWatcher {
  finish(): void;
}

export interface ViewOptions {
  readonly screens: Screens;
  readonly settings: RunSettings;
  readonly reporters: readonly Reporter[];
  readonly tally: Tally;
}

export function openView(options: ViewOptions): SuiteView {
  const { screens, settings, tally } = options;
  const progress = progressOf(options);
  const isVerbose = settings.verbosity === 'verbose';
  const line = (text: string): void => {
    if (progress === undefined) screens.progress.write(`${text}\n`);
    else progress.line(text);
  };
  return {
    onRun(run, { result, wallMs }) {
      progress?.onRun();
      if (!isVerbose) return;
      const glyph = { valid: '✓ held', invalid: '✗ violated', unknown: '? undecided' };
      const what = `${result.steps} steps, ${duration(result.simMs)} in ${duration(wallMs)}`;
      line(`${glyph[result.verdict]}  ${run.run}  ${what}`);
    },
    onFailedRun(run, { error }) {
      const { code = 'OP-E153', message, place, remedy } = error;
      const at = place === undefined ? '' : ` at ${place}`;
      line(`${code} Cannot carry out ${run.run}: ${message}${at}`);
      if (remedy !== undefined) line(`  remedy: ${remedy}`);
      if (error.stack !== undefined && isVerbose) line(error.stack);
    },
    onFinding(id, book) {
      const entry = book.entries.find(({ event }) => event.id === id);
      if (progress === undefined || entry === undefined) return;
      const { property, run, message, replay } = entry.event;
      line(`FINDING ${id} ${property} ${run}`);
      line(`  ${message.split('\n', 1)[0] ?? ''}`);
      line(`  ${replay}`);
    },
    onOutput(text) {
      // What a scenario prints is no result and no progress; it is shown to whoever asks.
      if (isVerbose) line(text.trimEnd());
    },
    finish() {
      progress?.finish();
      const { failures } = tally;
      if (failures > 0) line(`${plural(failures, 'run')} could not be carried out`);
    },
  };
}

function progressOf(options: ViewOptions): LiveBlock | ProgressLines | undefined {
  const { screens, settings, reporters, tally } = options;
  if (settings.verbosity === 'quiet') return undefined;
  const { progress } = screens;
  if (reporters.includes('live') && progress.canRedraw) return new LiveBlock(progress, tally);
  const isLines = reporters.includes('live') || reporters.includes('lines');
  return isLines ? new ProgressLines(progress, tally) : undefined;
}
