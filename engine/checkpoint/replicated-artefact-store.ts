// One place made of several: every file is in each of them. A write counts once all have it, so
// while one cannot be reached no checkpoint completes; the running job goes on. A read takes the
// first copy that is whole, and mends the others from it. What is published is decided by the
// first; whether a checkpoint exists is said only with all of them reached, since one that is away
// may be the only one to know. Paths outside of the first one's base are the first one's alone.

import { areEqualBytes } from '../core/bytes.ts';
import { sometimes } from '../core/sometimes.ts';
import { describeError, OnceproofError } from '../core/errors.ts';
import type { FileStatus } from '../environment/filesystem.ts';
import type { ArtefactStore, ArtefactWriter } from './artefact-store.ts';
import { isDamage, readChecked } from './checked-read.ts';
import { ReplicatedWriter, settleAll } from './replicated-writer.ts';
import { copyTo, readIfThere, type Replica, replaceIn, replicaPath } from './replica.ts';

export interface RepairedArtefact {
  /** The copy that was damaged, as a person finds it. */
  readonly place: string;
  /** What was wrong with it. */
  readonly problem: string;
  /** False if it could not be replaced: the read has succeeded nevertheless. */
  readonly isRepaired: boolean;
}

export interface ReplicatedArtefactStoreOptions {
  /** At least two. The first one decides what is published. */
  readonly replicas: readonly [Replica, Replica, ...Replica[]];
  readonly onRepair?: (artefact: RepairedArtefact) => void;
}

/** A copy that could not be used. */
interface BadCopy {
  readonly replica: Replica;
  readonly path: string;
  readonly error: unknown;
}

export class ReplicatedArtefactStore implements ArtefactStore {
  readonly #first: Replica;
  readonly #others: readonly Replica[];
  readonly #onRepair: (artefact: RepairedArtefact) => void;

  constructor({ replicas, onRepair }: ReplicatedArtefactStoreOptions) {
    const [first, ...others] = replicas;
    this.#first = first;
    this.#others = others;
    this.#onRepair = onRepair ?? (() => {});
  }

  describe(path: string): string {
    return this.#first.store.describe(path);
  }

  pathOf(place: string): string | undefined {
    return this.#first.store.pathOf(place);
  }

  async create(path: string): Promise<ArtefactWriter> {
    return ReplicatedWriter.open(this.#at(path));
  }

  async publish(path: string, bytes: Uint8Array, fencingToken: string): Promise<void> {
    const [first, ...others] = this.#at(path);
    // Where the first one has lost its copy, another's still says that this was published.
    const decided = await readIfThere(first);
    if (decided === undefined) await refuseOthers(others, bytes);
    await first.replica.store.publish(first.path, bytes, fencingToken);
    await settleAll(others, async (copy) => {
      try {
        await copy.replica.store.publish(copy.path, bytes, fencingToken);
      } catch (error) {
        const isOther = error instanceof OnceproofError && error.code === 'OP-E507';
        if (!isOther) throw error;
        await replaceIn(copy, bytes);
      }
    });
  }

  /** Completes what reached only some of them. */
  async confirm(path: string): Promise<void> {
    const copies = this.#at(path);
    const statuses = await settleAll(copies, ({ replica, path: at }) => replica.store.status(at));
    const holder = copies.find((_, index) => statuses[index] !== undefined) ?? copies[0];
    await holder.replica.store.confirm(holder.path);
    const lacking = copies.filter((_, index) => statuses[index] === undefined);
    sometimes(lacking.length > 0, 'a checkpoint that one replica lacked is completed there');
    if (lacking.length > 0) {
      const bytes = await holder.replica.store.read(holder.path);
      await settleAll(lacking, (copy) => copyTo(copy, bytes));
    }
    const present = copies.filter((copy) => copy !== holder && !lacking.includes(copy));
    await settleAll(present, ({ replica, path: at }) => replica.store.confirm(at));
  }

  /** Unverified: where the first copy may be damaged, readChecked() has to be used. */
  async read(path: string, offset?: number, length?: number): Promise<Uint8Array> {
    const bad: BadCopy[] = [];
    for (const copy of this.#at(path)) {
      try {
        return await copy.replica.store.read(copy.path, offset, length);
      } catch (error) {
        bad.push({ ...copy, error });
      }
    }
    throw worstOf(bad);
  }

  async readChecked<T>(path: string, check: (bytes: Uint8Array) => T | Promise<T>): Promise<T> {
    const bad: BadCopy[] = [];
    for (const copy of this.#at(path)) {
      try {
        const { bytes, checked } = await readChecked(copy.replica.store, copy.path, async (raw) => {
          return { bytes: raw, checked: await check(raw) };
        });
        for (const one of bad) await this.#repair(one, bytes);
        return checked;
      } catch (error) {
        bad.push({ ...copy, error });
      }
    }
    throw worstOf(bad);
  }

  async status(path: string): Promise<FileStatus | undefined> {
    const copies = this.#at(path);
    const statuses = await settleAll(copies, ({ replica, path: at }) => replica.store.status(at));
    return statuses.find((status) => status !== undefined);
  }

  async list(directory: string): Promise<readonly string[]> {
    const copies = this.#at(directory);
    const lists = await settleAll(copies, ({ replica, path }) => replica.store.list(path));
    return [...new Set(lists.flat())].toSorted();
  }

  async makeDirectory(path: string): Promise<void> {
    await settleAll(this.#at(path), ({ replica, path: at }) => replica.store.makeDirectory(at));
  }

  async unpublish(path: string): Promise<boolean> {
    const copies = this.#at(path);
    const removed = await settleAll(copies, ({ replica, path: at }) => replica.store.unpublish(at));
    return removed.includes(true);
  }

  async remove(path: string): Promise<boolean> {
    const copies = this.#at(path);
    const removed = await settleAll(copies, ({ replica, path: at }) => replica.store.remove(at));
    return removed.includes(true);
  }

  async removeTree(directory: string): Promise<void> {
    await settleAll(this.#at(directory), ({ replica, path }) => replica.store.removeTree(path));
  }

  /** Where the copies of a path lie, the first one's first. */
  #at(path: string): readonly [Located, ...Located[]] {
    const first = { replica: this.#first, path };
    const others = this.#others.flatMap((replica) => {
      const at = replicaPath(path, this.#first, replica);
      return at === undefined ? [] : [{ replica, path: at }];
    });
    return [first, ...others];
  }

  async #repair({ replica, path, error }: BadCopy, bytes: Uint8Array): Promise<void> {
    if (!isDamage(error)) return;
    const place = replica.store.describe(path);
    const problem = describeError(error);
    try {
      await replaceIn({ replica, path }, bytes);
      sometimes(true, 'a damaged copy is repaired from an intact one');
      this.#onRepair({ place, problem, isRepaired: true });
    } catch {
      // The next read finds it damaged again.
      this.#onRepair({ place, problem, isRepaired: false });
    }
  }
}

interface Located {
  readonly replica: Replica;
  readonly path: string;
}

async function refuseOthers(others: readonly Located[], bytes: Uint8Array): Promise<void> {
  const held = await settleAll(others, readIfThere);
  const index = held.findIndex((theirs) => theirs !== undefined && !areEqualBytes(theirs, bytes));
  const other = others[index];
  if (other === undefined) return;
  throw new OnceproofError('OP-E507', 'Cannot publish checkpoint metadata: a replica has others', {
    place: other.replica.store.describe(other.path),
    remedy: 'See that one JobManager alone uses the replicas',
  });
}

/**
 * What is no damage comes first: a copy that could not be reached, or opened, may be the one that
 * is whole. Of different damage the first one's counts; missing everywhere is missing.
 */
function worstOf(bad: readonly BadCopy[]): unknown {
  const errors = bad.map(({ error }) => error);
  const other = errors.find((error) => !isDamage(error));
  const damaged = errors.find((error) => error instanceof OnceproofError);
  return other ?? damaged ?? errors[0];
}
