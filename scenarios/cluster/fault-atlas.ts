// For each artefact of the checkpoints of a run: which copies can still serve it, and so what a
// leader that started now would have to do. Follows decision 0007: the newest checkpoint is
// restored whole or refused, so damage to older ones is harmless, and damage to the newest is not.

import type { History } from '../checkers/checker.ts';
import { metadataOf } from './observed-artefacts.ts';

/** What the engine would owe whoever asked for a restore. */
export type AtlasVerdict =
  | { readonly kind: 'recoverable' }
  /** Restoring would need these, and no intact copy of them is left. */
  | { readonly kind: 'must-refuse'; readonly paths: readonly string[] }
  /** Nobody can say: it depends on which of the checkpoints turns out to be the newest. */
  | { readonly kind: 'may-refuse'; readonly reason: string };

interface Artefact {
  /** Intact copies of it: its own path, and those of its replicas. */
  readonly copies: Set<string>;
}

interface KnownCheckpoint {
  readonly artefacts: ReadonlySet<string>;
  isComplete: boolean;
}

const EXCLUSIVE = /\/chk-([0-9]+)\/[^/]+$/;

export class FaultAtlas {
  readonly #artefacts = new Map<string, Artefact>();
  readonly #checkpoints = new Map<number, KnownCheckpoint>();
  /** Damaged, and no copy of anything that is known. */
  readonly #strange = new Set<string>();

  /** Its metadata may be found from now on. `artefacts`: paths, that of the metadata included. */
  published(checkpoint: number, artefacts: readonly string[]): void {
    for (const path of artefacts) this.stored(path, path);
    this.#checkpoints.set(checkpoint, { artefacts: new Set(artefacts), isComplete: false });
  }

  completed(checkpoint: number): void {
    const known = this.#checkpoints.get(checkpoint);
    if (known !== undefined) known.isComplete = true;
  }

  /** A whole copy of it is there: written first, replicated, or repaired. */
  stored(artefact: string, copy: string): void {
    const known = this.#artefacts.get(artefact);
    if (known === undefined) this.#artefacts.set(artefact, { copies: new Set([copy]) });
    else known.copies.add(copy);
  }

  damaged(copy: string): void {
    let isKnown = false;
    for (const [path, { copies }] of this.#artefacts) {
      isKnown ||= isSamePlace(path, copy);
      for (const one of copies) {
        if (!isSamePlace(one, copy)) continue;
        isKnown = true;
        copies.delete(one);
      }
    }
    if (!isKnown) this.#strange.add(copy);
  }

  get verdict(): AtlasVerdict {
    const newest = this.#newestComplete();
    const lost = newest === undefined ? [] : this.#lostOf(newest);
    const later = [...this.#checkpoints.keys()].filter((id) => id > (newest ?? 0));
    const lostLater = later.filter((id) => this.#lostOf(id).length > 0);
    if (lost.length > 0 && later.length === 0) return { kind: 'must-refuse', paths: lost };
    if (lost.length + lostLater.length > 0) {
      const ids = [...(lost.length > 0 ? [newest] : []), ...lostLater].join(' and ');
      const reason = `of checkpoint ${ids} an artefact is lost, and it may be the newest`;
      return { kind: 'may-refuse', reason };
    }
    const strange = [...this.#strange].find((path) => mayMatter(path, newest ?? 0));
    if (strange === undefined) return { kind: 'recoverable' };
    return { kind: 'may-refuse', reason: `nobody knows what needs ${strange}` };
  }

  /** Whether the job would still have to be recoverable if these copies were lost as well. */
  survives(copies: readonly string[]): boolean {
    const after = new FaultAtlas();
    for (const [id, { copies: intact }] of this.#artefacts) {
      after.#artefacts.set(id, { copies: new Set(intact) });
    }
    for (const [id, known] of this.#checkpoints) after.#checkpoints.set(id, { ...known });
    for (const path of this.#strange) after.#strange.add(path);
    for (const copy of copies) after.damaged(copy);
    return after.verdict.kind === 'recoverable';
  }

  #lostOf(checkpoint: number): readonly string[] {
    const paths = [...(this.#checkpoints.get(checkpoint)?.artefacts ?? [])];
    return paths.filter((path) => this.#artefacts.get(path)?.copies.size === 0);
  }

  #newestComplete(): number | undefined {
    const complete = [...this.#checkpoints].filter(([, { isComplete }]) => isComplete);
    return complete.length === 0 ? undefined : Math.max(...complete.map(([id]) => id));
  }
}

/** What a run has shown so far. */
export function atlasOf({
  storage = [],
  events,
  damaged,
}: Pick<History, 'storage' | 'events' | 'damaged'>): FaultAtlas {
  const atlas = new FaultAtlas();
  for (const event of storage) {
    if (event.kind !== 'metadata') continue;
    atlas.published(event.checkpoint, [metadataOf(event.checkpoint), ...event.references]);
  }
  for (const { event } of events) {
    if (event.kind === 'checkpoint-completed') atlas.completed(event.checkpoint);
  }
  for (const path of damaged) atlas.damaged(path);
  return atlas;
}

/** Unless it was made for one checkpoint alone, and that is not the newest. */
function mayMatter(path: string, newest: number): boolean {
  const [, digits] = EXCLUSIVE.exec(path) ?? [];
  return digits === undefined || Number(digits) >= newest;
}

/** Services have names of their own for a place; metadata is known by the end of its path. */
function isSamePlace(path: string, copy: string): boolean {
  return path.endsWith(copy) || copy.endsWith(path);
}
