// Which windows a record belongs to. Event time only: the record's timestamp decides, never the
// clock.

import { OnceproofError } from '../../core/errors.ts';
import type { TimeWindow } from './time-window.ts';

export interface WindowAssigner {
  /** What shows in plans: `tumbling 1000 ms`. */
  readonly label: string;
  /** Windows may grow together as records arrive. */
  readonly isMerging: boolean;
  assignWindows(timestamp: number): readonly TimeWindow[];
}

export const TumblingEventTimeWindows = {
  /** Windows start at multiples of `sizeMs`, shifted by `offsetMs`. */
  of(sizeMs: number, offsetMs = 0): WindowAssigner {
    checkSpan('sizeMs', sizeMs);
    checkOffset(offsetMs, sizeMs);
    // Most records go to the window of the one before them: no object is spent on those.
    let last = [{ start: -1, end: -1 }];
    let lastStart = Number.NaN;
    return {
      label: `tumbling ${sizeMs} ms`,
      isMerging: false,
      assignWindows(timestamp) {
        const start = windowStart(timestamp, sizeMs, offsetMs);
        if (start === lastStart) return last;
        lastStart = start;
        last = [{ start, end: start + sizeMs }];
        return last;
      },
    };
  },
};

export const SlidingEventTimeWindows = {
  /** A window of `sizeMs` every `slideMs`: they overlap where the slide is smaller. */
  of(sizeMs: number, slideMs: number, offsetMs = 0): WindowAssigner {
    checkSpan('sizeMs', sizeMs);
    checkSpan('slideMs', slideMs);
    checkOffset(offsetMs, slideMs);
    return {
      label: `sliding ${sizeMs} ms every ${slideMs} ms`,
      isMerging: false,
      assignWindows(timestamp) {
        const windows: TimeWindow[] = [];
        const last = windowStart(timestamp, slideMs, offsetMs);
        for (let start = last; start > timestamp - sizeMs; start -= slideMs) {
          windows.push({ start, end: start + sizeMs });
        }
        return windows;
      },
    };
  },
};

export const EventTimeSessionWindows = {
  /** A session ends once no record came for `gapMs`: one exactly that much later begins another. */
  withGap(gapMs: number): WindowAssigner {
    checkSpan('gapMs', gapMs);
    return {
      label: `session gap ${gapMs} ms`,
      isMerging: true,
      assignWindows: (timestamp) => [{ start: timestamp, end: timestamp + gapMs }],
    };
  },
};

/** Also right for timestamps before the offset: the remainder is made positive. */
function windowStart(timestamp: number, sizeMs: number, offsetMs: number): number {
  const remainder = (timestamp - offsetMs) % sizeMs;
  return remainder < 0 ? timestamp - remainder - sizeMs : timestamp - remainder;
}

function checkSpan(key: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new OnceproofError('OP-E302', `Cannot set the window's ${key} to ${value}`, {
    place: key,
    remedy: 'Use an integer of milliseconds, at least 1',
  });
}

function checkOffset(offsetMs: number, spanMs: number): void {
  if (Number.isSafeInteger(offsetMs) && Math.abs(offsetMs) < spanMs) return;
  throw new OnceproofError('OP-E302', `Cannot set the window's offsetMs to ${offsetMs}`, {
    place: 'offsetMs',
    remedy: `Use an integer of milliseconds between -${spanMs} and ${spanMs}`,
  });
}
