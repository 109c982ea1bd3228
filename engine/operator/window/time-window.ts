// A span of event time, [start, end).

/** Integer milliseconds; `end` is exclusive. */
export interface TimeWindow {
  readonly start: number;
  readonly end: number;
}

/** `start:end` */
export type WindowNamespace = string;

/** The last moment that belongs to the window. */
export function maxTimestampOf(window: TimeWindow): number {
  return window.end - 1;
}

/**
 * Windows that only touch do not overlap. Flink counts them as overlapping, but fires the first one
 * before a record at its end is late: whether they merge then depends on when the watermark comes,
 * and a recovery could change the result.
 */
export function intersects(left: TimeWindow, right: TimeWindow): boolean {
  return left.start < right.end && left.end > right.start;
}

export function isSameWindow(left: TimeWindow, right: TimeWindow): boolean {
  return left.start === right.start && left.end === right.end;
}

/**
 * A window as the namespace of its state and timers: text, because backends find a primitive far
 * faster than an object, and the same text for equal windows.
 */
export function namespaceOf(window: TimeWindow): WindowNamespace {
  return `${window.start}:${window.end}`;
}

export function windowOf(namespace: WindowNamespace): TimeWindow {
  const separator = namespace.indexOf(':');
  return {
    start: Number(namespace.slice(0, separator)),
    end: Number(namespace.slice(separator + 1)),
  };
}
