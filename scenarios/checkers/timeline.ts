// The engine's events and what was seen beside them, as one sequence in order of time. Of the same
// millisecond the engine's come first: it decides, then something happens.

import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { History } from './checker.ts';

export type Moment<T> =
  | { readonly kind: 'engine'; readonly timeMs: number; readonly event: EngineEvent }
  | { readonly kind: 'seen'; readonly timeMs: number; readonly seen: T };

export function timeline<T extends { readonly timeMs: number }>(
  { events }: Pick<History, 'events'>,
  seen: readonly T[],
): readonly Moment<T>[] {
  const all: Moment<T>[] = [
    ...events.map(({ timeMs, event }) => ({ kind: 'engine' as const, timeMs, event })),
    ...seen.map((one) => ({ kind: 'seen' as const, timeMs: one.timeMs, seen: one })),
  ];
  return all.sort((left, right) => left.timeMs - right.timeMs);
}
