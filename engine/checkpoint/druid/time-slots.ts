// The seconds of a chunk, in which tasks can work side by side: Druid's tasks lock the time that
// they add to.

import { timeOfChunk } from './time-chunks.ts';
import { isoTime } from './utc-time.ts';

/** A segment granularity that Druid knows: `SECOND`. */
const SLOT_MS = 1_000;
const SLOTS = 60;

/** Spreads names, which begin with hexadecimal digits, over the slots. */
export function slotOf(name: string): number {
  return Number.parseInt(name.slice(0, 8), 16) % SLOTS;
}

export function timeOfSlot(chunk: number, slot: number): number {
  return timeOfChunk(chunk) + slot * SLOT_MS;
}

export function intervalOfSlot(chunk: number, slot: number): string {
  return `${isoTime(timeOfSlot(chunk, slot))}/${isoTime(timeOfSlot(chunk, slot + 1))}`;
}
