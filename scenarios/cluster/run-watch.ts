// Watches a run from beside it: the shared volume at every event of the engine, the storage of
// checkpoints, and what sinks do. Only looks: a run goes the same way with and without it.

import type { CheckpointStorage } from '../../engine/checkpoint/checkpoint-storage.ts';
import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { StateBackend } from '../../engine/state/state-backend.ts';
import { decodeWtf8 } from '../../engine/stream/wtf8.ts';
import type { SimulatedDisk } from '../../simulator/index.ts';
import type { OutputEvent, StorageEvent } from '../checkers/observations.ts';
import { noting } from './noting.ts';
import { LeaderFiles, newestPointer } from './leader-files.ts';
import { ObservedArtefacts } from './observed-artefacts.ts';
import { OUTPUT_DIRECTORY, STORE_DIRECTORY } from './places.ts';
import { watchedStorage } from './watched-storage.ts';

export interface RunWatchOptions {
  readonly now: () => number;
  /** The volume that all hosts share. */
  readonly disk: SimulatedDisk;
  /** Checkpoints are kept by a service, and not on that volume. */
  readonly isRemote: boolean;
  /** Several JobManagers may lead. */
  readonly isContended: boolean;
  /** Lets the harness read disks in the middle of a host's step. */
  readonly unguarded: (work: () => void) => void;
}

const SHARED = '/shared/';
const RESULT = /\/job-result$/;
/** So many that a look at each would cost more than the run. */
const TOO_FREQUENT: ReadonlySet<string> = new Set(['watermark', 'records']);

export class RunWatch {
  readonly output: OutputEvent[] = [];
  readonly #options: RunWatchOptions;
  #artefacts: ObservedArtefacts;
  /** Of jobs before the present one. */
  #earlier: readonly StorageEvent[] = [];
  #known = new Set<string>();
  #pointer = 0;
  /** Below it lies what the present job's leaders remember. */
  #store = `${STORE_DIRECTORY}/`;
  readonly #leaderFiles = new LeaderFiles();

  constructor(options: RunWatchOptions) {
    this.#options = options;
    this.#artefacts = this.#newArtefacts();
  }

  get storage(): readonly StorageEvent[] {
    return [...this.#earlier, ...this.#artefacts.events];
  }

  /** Another job takes the place of the present one: what is there by now is no news of it. */
  beginJob(job: string): void {
    this.#earlier = this.storage;
    this.#artefacts = this.#newArtefacts();
    this.#pointer = 0;
    this.#store = `${STORE_DIRECTORY}/${job}/`;
  }

  #newArtefacts(): ObservedArtefacts {
    const { now, isRemote } = this.#options;
    return new ObservedArtefacts({ now, isRemote, look: () => this.look() });
  }

  /** Of that checkpoint of the present job. */
  referencesOf(checkpoint: number): readonly string[] {
    return this.#artefacts.referencesOf(checkpoint);
  }

  watchStorage(storage: CheckpointStorage): CheckpointStorage {
    return watchedStorage(storage, this.#artefacts);
  }

  /** One that brings its own storage, and no place that a storage is made from, is watched too. */
  watchBackend(backend: StateBackend): StateBackend {
    const storage = backend.checkpointStorage;
    if (typeof storage !== 'object' || !('open' in storage)) return backend;
    return noting(backend, { checkpointStorage: this.watchStorage(storage) });
  }

  /** Before the event counts. */
  before({ kind }: EngineEvent): void {
    if (!TOO_FREQUENT.has(kind)) this.look();
  }

  look(): void {
    const { disk } = this.#options;
    const paths = new Set(disk.listAll(SHARED));
    const appeared = [...paths].filter((path) => !this.#known.has(path));
    const removed = [...this.#known].filter((path) => !paths.has(path));
    this.#known = paths;
    this.#note(appeared, removed);
    this.#options.unguarded(() => this.#lookAtPointer(removed.some(isArtefact)));
  }

  #note(appeared: readonly string[], removed: readonly string[]): void {
    const { now } = this.#options;
    if (appeared.length + removed.length === 0) return;
    if (appeared.some((path) => RESULT.test(path))) this.#artefacts.jobOver();
    this.#artefacts.saw(appeared.filter(isArtefact), removed.filter(isArtefact));
    const [fresh, gone] = [appeared.filter(isUnfinished), removed.filter(isUnfinished)];
    if (fresh.length + gone.length > 0) {
      this.output.push({ kind: 'unfinished', timeMs: now(), appeared: fresh, removed: gone });
    }
  }

  /** What it points to is looked for where the pointer or anything else has changed. */
  #lookAtPointer(isAnythingGone: boolean): void {
    const view = this.#options.disk.snapshotView();
    if (this.#options.isContended) {
      for (const { epoch, name, text } of this.#leaderFiles.changes(view)) {
        this.#artefacts.leaderRemembers(epoch, name, text);
      }
    }
    const stored = view.readDurable(this.#store);
    const bytes = newestPointer(stored);
    if (bytes === undefined) return;
    const checkpoint = Number(decodeWtf8(bytes, 0, bytes.length));
    if (checkpoint === this.#pointer && !isAnythingGone) return;
    this.#pointer = checkpoint;
    this.#artefacts.pointsTo(checkpoint, (paths) => {
      const durable = view.readDurable(SHARED);
      const visible = view.readAll(SHARED);
      return paths.filter((path) => !isReadable(path, visible, durable));
    });
  }
}

/** Under its own name or, of metadata, below whatever directory is the job's. */
function isReadable(
  path: string,
  visible: ReadonlyMap<string, Uint8Array>,
  durable: ReadonlyMap<string, Uint8Array>,
): boolean {
  for (const [at, bytes] of durable) {
    const isIt = at === path || (path.startsWith('/chk-') && at.endsWith(path));
    if (isIt && isArtefact(at) && isSame(bytes, visible.get(at))) return true;
  }
  return false;
}

/** What a loss of power would leave of it is what was written. */
function isSame(left: Uint8Array, right: Uint8Array | undefined): boolean {
  if (left.length === 0 || left.length !== right?.length) return false;
  return left.every((byte, index) => byte === right[index]);
}

/** Whole ones: what is still being written has another name. */
function isArtefact(path: string): boolean {
  if (path.startsWith(OUTPUT_DIRECTORY) || /\.inprogress[^/]*$/.test(path)) return false;
  return !path.startsWith(STORE_DIRECTORY) || path.includes('/checkpoints/');
}

function isUnfinished(path: string): boolean {
  return path.startsWith(OUTPUT_DIRECTORY) && !/\/part-[^/]*$/.test(path);
}
