// What leaders remember for those who follow them, as it lies on the shared volume: of one that
// leads alone in the job's directory, of contenders in a directory of each, whose name says who
// leads.

import { decodeWtf8 } from '../../engine/stream/wtf8.ts';
import type { DiskSnapshotView } from '../../simulator/index.ts';
import { STORE_DIRECTORY } from './places.ts';

const POINTER = /\/completed-checkpoint$/;
const LEADER = /\/(leader|fenced)-([0-9]+)-([^/]+)\/([^/]+)$/;
const HANDED_ON: ReadonlySet<string> = new Set([
  'checkpoint-id',
  'completed-checkpoint',
  'job-result',
  'disowned-checkpoints',
]);

export interface LeaderFile {
  readonly epoch: number;
  readonly name: string;
  readonly text: string;
}

export class LeaderFiles {
  readonly #known = new Map<string, string>();

  /** Since the last time. What was taken away is removed by and by, and a crash may undo that. */
  changes(view: DiskSnapshotView): readonly LeaderFile[] {
    const changes: LeaderFile[] = [];
    for (const [path, bytes] of view.readAll(`${STORE_DIRECTORY}/`)) {
      const [, kind, epoch = '', token = '', name = ''] = LEADER.exec(path) ?? [];
      if (kind !== 'leader' || !HANDED_ON.has(name)) continue;
      const text = decodeWtf8(bytes, 0, bytes.length) ?? '';
      const key = `${epoch} ${token} ${name}`;
      if (this.#known.get(key) === text) continue;
      this.#known.set(key, text);
      changes.push({ epoch: Number(epoch), name, text });
    }
    return changes;
  }
}

/** Each leader has one of its own, copied from the leader before. */
export function newestPointer(stored: ReadonlyMap<string, Uint8Array>): Uint8Array | undefined {
  let newest: { readonly epoch: number; readonly bytes: Uint8Array } | undefined;
  for (const [path, bytes] of stored) {
    if (!POINTER.test(path)) continue;
    const epoch = Number(LEADER.exec(path)?.[2] ?? 0);
    if (newest === undefined || epoch > newest.epoch) newest = { epoch, bytes };
  }
  return newest?.bytes;
}
