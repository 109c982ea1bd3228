// The sessions of one key, and under which window each keeps its state. When sessions merge, the
// state of one of them is kept where it is and the others' is moved into it. Persisted per key.

import { assert } from '../../core/assert.ts';
import type { ListState } from '../../state/keyed-state.ts';
import { intersects, isSameWindow, type TimeWindow } from './time-window.ts';

interface Session {
  readonly window: TimeWindow;
  readonly stateWindow: TimeWindow;
}

/** Start and end of the window, then of the window that its state is kept under. */
export type PersistedSession = readonly [number, number, number, number];

export interface Merge {
  readonly result: TimeWindow;
  readonly merged: readonly TimeWindow[];
  readonly stateWindow: TimeWindow;
  readonly mergedStateWindows: readonly TimeWindow[];
}

export class MergingWindowSet {
  readonly #state: ListState<PersistedSession>;
  #sessions: Session[];
  #isChanged = false;

  /** Reads the sessions of the current key. */
  constructor(state: ListState<PersistedSession>) {
    this.#state = state;
    this.#sessions = state.get().map(([start, end, stateStart, stateEnd]) => ({
      window: { start, end },
      stateWindow: { start: stateStart, end: stateEnd },
    }));
  }

  stateWindowOf(window: TimeWindow): TimeWindow | undefined {
    return this.#sessions.find((session) => isSameWindow(session.window, window))?.stateWindow;
  }

  /** The session that `window` is now part of. `onMerge`: existing ones have become that one. */
  addWindow(window: TimeWindow, onMerge: (merge: Merge) => void): TimeWindow {
    const touching = this.#sessions.filter((session) => intersects(session.window, window));
    const kept = touching[0];
    if (kept === undefined) {
      this.#sessions.push({ window, stateWindow: window });
      this.#isChanged = true;
      return window;
    }
    const result = touching.reduce((cover, session) => coverOf(cover, session.window), window);
    if (touching.length === 1 && isSameWindow(result, kept.window)) return kept.window;
    this.#sessions = this.#sessions.filter((session) => !touching.includes(session));
    this.#sessions.push({ window: result, stateWindow: kept.stateWindow });
    this.#isChanged = true;
    onMerge({
      result,
      merged: touching.map((session) => session.window),
      stateWindow: kept.stateWindow,
      mergedStateWindows: touching.slice(1).map((session) => session.stateWindow),
    });
    return result;
  }

  retireWindow(window: TimeWindow): void {
    const index = this.#sessions.findIndex((session) => isSameWindow(session.window, window));
    assert(index >= 0, `Cannot retire window ${window.start}..${window.end}: not in flight`);
    this.#sessions.splice(index, 1);
    this.#isChanged = true;
  }

  persist(): void {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    this.#state.update(
      this.#sessions.map(({ window, stateWindow }) => [
        window.start,
        window.end,
        stateWindow.start,
        stateWindow.end,
      ]),
    );
  }
}

function coverOf(left: TimeWindow, right: TimeWindow): TimeWindow {
  return { start: Math.min(left.start, right.start), end: Math.max(left.end, right.end) };
}
