// A debugger over a run that is deterministic: every place is reached by carrying the run out from
// its beginning, so that going back is as easy as going on. It knows nothing of terminals.

import { OnceproofError } from '../../../engine/core/errors.ts';
import type { TraceEntry } from '../../../simulator/index.ts';
import type { View } from '../../debug/look.ts';
import { type Breakpoint, endOf, stepOfBreak } from '../../debug/positions.ts';
import { headText, parsePrint, type Print, printText, viewText } from './view-text.ts';

export interface DebuggerOptions {
  readonly trace: readonly TraceEntry[];
  /** Undefined if the run is over before that step. */
  readonly look: (step: number) => Promise<View | undefined>;
  /** Digest of the last step before one, as it was recorded. */
  readonly digestBefore: (step: number) => string | undefined;
  readonly breakpoint: Breakpoint | undefined;
  /** Shown at every place. */
  readonly prints: readonly Print[];
  readonly write: (text: string) => void;
  /** Told of every place that is gone to; undefined for one that the run does not reach. */
  readonly onPlace?: (view: View | undefined) => void;
}

export const PROMPT = ' [n]ext [b]ack [c]ontinue [p]rint [q]uit > ';

export class Debugger {
  readonly #options: DebuggerOptions;
  #view: View | undefined;
  #step = 1;

  constructor(options: DebuggerOptions) {
    this.#options = options;
  }

  /** Shows the place before `step`, or the end. */
  async goTo(step: number): Promise<void> {
    const { trace, look, digestBefore, prints, write } = this.#options;
    this.#step = Math.min(Math.max(1, step), endOf(trace));
    this.#view = await look(this.#step);
    this.#options.onPlace?.(this.#view);
    if (this.#view === undefined) {
      write(` the end of the run, after step ${endOf(trace) - 1}\n`);
      return;
    }
    const recorded = digestBefore(this.#step);
    if (recorded !== undefined && recorded !== this.#view.digest) throw nondeterministic(step);
    write(`${headText(this.#view, trace)}\n${viewText(this.#view, trace)}\n`);
    for (const print of prints) this.#print(print, this.#view);
  }

  /** False once there is nothing more to do. */
  async command(line: string): Promise<boolean> {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    const by = /^\d+$/.test(rest[0] ?? '') ? Number(rest[0]) : 1;
    switch (word) {
      case 'n':
      case 'next':
      case '':
        await this.goTo(this.#step + by);
        return true;
      case 'b':
      case 'back':
        await this.goTo(this.#step - by);
        return true;
      case 'c':
      case 'continue':
        await this.goTo(this.#nextBreak());
        return true;
      case 'p':
      case 'print':
        this.#command(rest.join(' '));
        return true;
      case 'q':
      case 'quit':
        return false;
      default:
        this.#options.write(` there is no command "${word}":${PROMPT.slice(0, -2)}\n`);
        return true;
    }
  }

  #nextBreak(): number {
    const { breakpoint, trace } = this.#options;
    const end = endOf(trace);
    if (breakpoint === undefined) return end;
    return stepOfBreak({ ...breakpoint, nth: 1 }, trace, this.#step + 1) ?? end;
  }

  /** A mistake at a prompt ends nothing. */
  #command(what: string): void {
    const { write, trace } = this.#options;
    if (this.#view === undefined) return write(' nothing to print: this is the end of the run\n');
    try {
      if (what === '') write(`${viewText(this.#view, trace)}\n`);
      else this.#print(parsePrint(what), this.#view);
    } catch (error) {
      if (!(error instanceof OnceproofError)) throw error;
      write(` ${error.message}. ${error.remedy ?? ''}\n`);
    }
  }

  #print(print: Print, view: View): void {
    const { write, trace } = this.#options;
    write(`${printText(print, view, trace)}\n`);
  }
}

function nondeterministic(step: number): OnceproofError {
  return new OnceproofError(
    'OP-E168',
    `Cannot go to step ${step}: the run did not do the same when it was carried out again`,
    { remedy: 'Look for ambient time or chance in the scenario: docs/determinism.md' },
  );
}
