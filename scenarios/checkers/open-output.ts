// Keeps account of output that is not finished, and whose it is, so that it can be said at the
// opening of a sink what should have been cleaned up by then. Knows the names of FileSink's files.

import type { OutputEvent } from './observations.ts';

type Opening = Extract<OutputEvent, { readonly kind: 'sink-opening' | 'sink-opened' }>;

interface OpenFile {
  readonly path: string;
  readonly sinceMs: number;
  readonly subtask: number;
  /** Leader epoch and attempt number. */
  readonly owner: readonly [number, number];
  /** Undefined while in progress. */
  readonly sealedAfter: number | undefined;
}

const FILE = /\/\.part-([0-9]+)-(e[0-9]+a[0-9]+)-[^/]*\.(?:inprogress|pending-([0-9]+))$/;
const TOKEN = /^e([0-9]+)a([0-9]+)$/;

export class OpenOutput {
  readonly #files = new Map<string, OpenFile>();
  /** When each attempt was last seen alive, in the whole run. */
  readonly #aliveUntilMs = new Map<string, number>();
  readonly #openingMs = new Map<string, number>();

  constructor(all: readonly OutputEvent[]) {
    for (const event of all) {
      if (event.kind === 'unfinished') continue;
      const key = `${event.subtask} ${event.owner}`;
      this.#aliveUntilMs.set(key, Math.max(event.timeMs, this.#aliveUntilMs.get(key) ?? 0));
    }
  }

  saw({ timeMs, appeared, removed }: Extract<OutputEvent, { readonly kind: 'unfinished' }>): void {
    for (const path of removed) this.#files.delete(path);
    for (const path of appeared) {
      const file = fileOf(path, timeMs);
      if (file !== undefined) this.#files.set(path, file);
    }
  }

  opening({ subtask, owner, timeMs }: Opening): void {
    this.#openingMs.set(`${subtask} ${owner}`, timeMs);
  }

  /** Of dead attempts before this one, there since before it began to look. */
  leftBehind(opened: Opening): readonly string[] {
    const { subtask, owner, parallelism, restoredCheckpoint } = opened;
    const openingMs = this.#openingMs.get(`${subtask} ${owner}`) ?? opened.timeMs;
    const own = tokenOf(owner);
    return [...this.#files.values()]
      .filter((file) => file.subtask % parallelism === subtask)
      .filter((file) => file.sinceMs < openingMs && isBefore(file.owner, own))
      .filter(({ sealedAfter }) => sealedAfter === undefined || sealedAfter >= restoredCheckpoint)
      .filter((file) => this.#aliveUntil(file) < openingMs)
      .map(({ path }) => path);
  }

  #aliveUntil({ subtask, owner: [epoch, attempt] }: OpenFile): number {
    return this.#aliveUntilMs.get(`${subtask} e${epoch}a${attempt}`) ?? 0;
  }
}

function fileOf(path: string, sinceMs: number): OpenFile | undefined {
  const [, subtask, token, sealedAfter] = FILE.exec(path) ?? [];
  if (subtask === undefined || token === undefined) return undefined;
  return {
    path,
    sinceMs,
    subtask: Number(subtask),
    owner: tokenOf(token),
    sealedAfter: sealedAfter === undefined ? undefined : Number(sealedAfter),
  };
}

function tokenOf(token: string): readonly [number, number] {
  const [, epoch, attempt] = TOKEN.exec(token) ?? [];
  return [Number(epoch ?? 0), Number(attempt ?? 0)];
}

function isBefore(left: readonly [number, number], right: readonly [number, number]): boolean {
  return left[0] < right[0] || (left[0] === right[0] && left[1] < right[1]);
}
