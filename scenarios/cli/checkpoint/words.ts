// How checkpoints and their parts are called on the screen.

import type { ExaminedArtefact } from '../../../engine/checkpoint/examine-checkpoint.ts';
import type { CheckpointMetadata } from '../../../engine/checkpoint/metadata.ts';
import type { StateHandle } from '../../../engine/state/state-handle.ts';
import { count } from '../output/text.ts';

/** `312 B`, `14.2 KB`, `3.1 MB`, `2.0 GB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes / 1_000;
  let unit = 0;
  for (; value >= 999.95 && unit < units.length - 1; unit++) value /= 1_000;
  return `${value.toFixed(1)} ${units[unit] ?? ''}`;
}

export function timeText(timestampMs: number): string {
  // Virtual clocks may show anything; what no calendar has is printed as it is.
  const isDate = Math.abs(timestampMs) <= 8.64e15;
  return isDate ? new Date(timestampMs).toISOString() : `${count(timestampMs)} ms`;
}

export function kindText({ properties }: CheckpointMetadata): string {
  const { type, stop } = properties;
  return stop === 'no' ? type : `${type} that stopped the job (${stop})`;
}

/** `keyed state of "count", subtask 1`. */
export function artefactText(artefact: ExaminedArtefact): string {
  const { role, operator, vertex, subtask, fileName } = artefact;
  const file = fileName === undefined ? '' : ` (${fileName})`;
  const { name } = operator ?? vertex;
  return `${role.replaceAll('-', ' ')} of "${name}", subtask ${subtask}${file}`;
}

/** Of all that it refers to, each file once; inline state is a part of `_metadata`. */
export function stateBytes(handles: readonly StateHandle[]): number {
  const files = new Map<string, number>();
  for (const handle of handles)
    if (handle.kind === 'file') files.set(handle.path, handle.sizeBytes);
  return [...files.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0);
}
