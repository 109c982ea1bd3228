// What every command needs of the process it runs in, taken once and passed on.

import type { ScreenSettings } from './arguments/run-settings.ts';
import type { EnvironmentVariables } from './arguments/values.ts';
import { openScreen, type Screen } from './output/screen.ts';

export interface Context {
  /** Words of the command line, as they were typed. */
  readonly argv: readonly string[];
  readonly environment: EnvironmentVariables;
  readonly version: string;
}

export interface Screens {
  /** For people: results. With `--json` they are shown only if a person sees stderr. */
  readonly results: Screen;
  /** For people: progress, warnings, errors. */
  readonly progress: Screen;
  /** For machines; undefined without `--json`. */
  readonly printJson: ((line: string) => void) | undefined;
}

export function openScreens(context: Context, settings: ScreenSettings): Screens {
  const { environment } = context;
  const progress = openScreen(process.stderr, settings, environment);
  if (!settings.json) {
    const results = openScreen(process.stdout, settings, environment);
    return { results, progress, printJson: undefined };
  }
  process.stdout.on('error', ignoreClosedPipe);
  const isSeen = process.stderr.isTTY === true;
  const results = isSeen ? progress : { ...progress, write: () => undefined };
  return { results, progress, printJson: (line) => void process.stdout.write(line) };
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
