// Progress for logs: append-only, a line every ten seconds or ten percent, findings at once,
// nothing for a run that passed. No cursor movements, no spinner.

import type { Tally } from '../suite/tally.ts';
import type { Screen } from './screen.ts';
import { duration } from './text.ts';

const EVERY_MS = 10_000;
const EVERY_SHARE = 0.1;

export class ProgressLines {
  readonly #screen: Screen;
  readonly #tally: Tally;
  #printedMs: number;
  #printedShare = 0;

  constructor(screen: Screen, tally: Tally) {
    this.#screen = screen;
    this.#tally = tally;
    this.#printedMs = tally.startedMs;
  }

  line(text: string): void {
    const seconds = Math.floor((performance.now() - this.#tally.startedMs) / 1_000);
    const minutes = String(Math.floor(seconds / 60)).padStart(2, '0');
    this.#screen.write(`[${minutes}:${String(seconds % 60).padStart(2, '0')}] ${text}\n`);
  }

  onRun(): void {
    const { runs, planned } = this.#tally;
    const share = planned === undefined ? 0 : runs / planned;
    const nowMs = performance.now();
    const isDue = nowMs - this.#printedMs >= EVERY_MS || share - this.#printedShare >= EVERY_SHARE;
    // The last line is the verdict's.
    if (!isDue || runs === planned) return;
    this.#printedMs = nowMs;
    this.#printedShare = share;
    this.line(progressText(this.#tally));
  }

  finish(): void {}
}

export function progressText(tally: Tally): string {
  const { runs, planned, findings, simMs, faultsTotal } = tally;
  const of = planned === undefined ? '' : `/${planned}`;
  return (
    `${String(runs).padStart(5)}${of} runs  findings=${findings.length}` +
    `  simulated=${duration(simMs).replaceAll(' ', '')}  faults=${faultsTotal}`
  );
}
