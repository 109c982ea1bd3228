// One client's mount of a simulated disk: latency, faults, then the POSIX call. A call takes effect
// at the moment it completes; a call that a crash interrupts may have taken effect unseen, or in
// part, where it is several steps of the kernel.

import {
  type FileStatus,
  type FileSystem,
  FileSystemError,
} from '../../engine/environment/filesystem.ts';
import type { Address } from '../../engine/environment/network.ts';
import type { Random } from '../../engine/environment/random.ts';
import type { HostIo } from '../disk-port.ts';
import type { DiskFaults, DiskOperation } from './disk-faults.ts';
import { Lookup } from './lookup.ts';
import { PosixCalls } from './posix-calls.ts';
import type { Volume } from './volume.ts';

/** What all mounts of one disk share. */
export interface Device {
  readonly volume: Volume;
  readonly faults: DiskFaults;
  readonly capacityBytes: number;
  /** Draws how much of a failed or interrupted call was applied. */
  readonly dice: Random;
  /** What files were before they were replaced, by path; for reads that are stale. */
  readonly replaced: Map<string, Uint8Array>;
  latencyMs(operation: DiskOperation): number;
  /** Puts bytes over those of another file that `path` is not, if there is one; says which. */
  misdirect(path: string, bytes: Uint8Array): string | undefined;
}

export class SimulatedFileSystem implements FileSystem {
  readonly #device: Device;
  readonly #io: HostIo;
  readonly #calls: PosixCalls;
  /** Each with what is done of it where it is interrupted. */
  readonly #inFlight = new Map<() => unknown, () => unknown>();

  constructor(device: Device, owner: Address, io: HostIo) {
    this.#device = device;
    this.#io = io;
    this.#calls = new PosixCalls(device.volume, owner, device.capacityBytes);
  }

  read(path: string, offset = 0, length = Number.MAX_SAFE_INTEGER): Promise<Uint8Array> {
    return this.#perform('read', path, () => {
      checkCount('read', path, offset);
      checkCount('read', path, length);
      this.#strike('read', path);
      return this.#read(path, offset, length);
    });
  }

  write(path: string, bytes: Uint8Array): Promise<void> {
    return this.#store('write', path, bytes);
  }

  create(path: string, bytes: Uint8Array): Promise<void> {
    return this.#store('create', path, bytes);
  }

  append(path: string, bytes: Uint8Array): Promise<void> {
    return this.#store('append', path, bytes);
  }

  truncate(path: string, sizeBytes: number): Promise<void> {
    return this.#change('truncate', path, () => {
      checkCount('truncate', path, sizeBytes);
      this.#calls.truncate(path, sizeBytes);
    });
  }

  sync(path: string): Promise<void> {
    return this.#perform('sync', path, () => this.#sync(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change('rename', from, () => {
      const before = this.#bytesOf(to);
      this.#calls.rename(from, to);
      if (before !== undefined) this.#device.replaced.set(to, before);
    });
  }

  link(existing: string, name: string): Promise<void> {
    return this.#change('link', name, () => this.#calls.link(existing, name));
  }

  remove(path: string): Promise<void> {
    return this.#change('remove', path, () => this.#calls.remove(path));
  }

  makeDirectory(path: string): Promise<void> {
    const parents = path.split('/').length - 1;
    const interrupted = (): void => {
      const names = path.split('/').slice(0, 2 + this.#device.dice.below(parents));
      this.#calls.makeDirectory(names.join('/'));
    };
    const make = (): void => this.#calls.makeDirectory(path);
    return this.#change('make directory', path, make, interrupted);
  }

  list(directory: string): Promise<readonly string[]> {
    return this.#perform('list', directory, () => {
      this.#strike('list', directory);
      return this.#calls.list(directory);
    });
  }

  status(path: string): Promise<FileStatus | undefined> {
    return this.#perform('status', path, () => {
      this.#strike('status', path);
      return this.#calls.status(path);
    });
  }

  /** The host is gone: each call it still waited for has taken effect by now, or never will. */
  interrupt(): void {
    for (const interrupted of this.#inFlight.values()) {
      if (this.#device.dice.chance(0.5)) attempt(interrupted);
    }
    this.#inFlight.clear();
  }

  #store(operation: 'write' | 'create' | 'append', path: string, bytes: Uint8Array): Promise<void> {
    const work = (): void => {
      const struck = this.#device.faults.strike(operation, path);
      if (struck === undefined) return this.#storeSilently(operation, path, bytes);
      const { dice } = this.#device;
      const appliedBytes = dice.below(bytes.length + 1);
      if (struck.mayApply && dice.chance(0.5)) {
        this.#calls[operation](path, bytes.subarray(0, appliedBytes));
      }
      throw struck.error;
    };
    const interrupted = (): void => {
      const { dice } = this.#device;
      // Opening a file makes or empties it; bytes come after that.
      const shares = [0, bytes.length, dice.below(bytes.length + 1)];
      this.#calls[operation](path, bytes.subarray(0, shares[dice.below(shares.length)]));
    };
    return this.#perform(operation, path, work, interrupted);
  }

  #change(
    operation: DiskOperation,
    path: string,
    apply: () => void,
    interrupted?: () => void,
  ): Promise<void> {
    const work = (): void => {
      const struck = this.#device.faults.strike(operation, path);
      if (struck === undefined) return apply();
      if (struck.mayApply && this.#device.dice.chance(0.25)) apply();
      throw struck.error;
    };
    return this.#perform(operation, path, work, interrupted);
  }

  #sync(path: string): void {
    const { volume, faults } = this.#device;
    const inode = new Lookup(volume, 'sync').inode(path);
    if (!volume.hasUnsynced(inode)) return;
    const struck = faults.strike('sync', path);
    if (struck === undefined) {
      const isFile = !volume.inodes.isDirectory(inode);
      const damaged = faults.hit('lost-write', 'sync', path, isFile);
      // The size gets there, and what it encloses does not.
      if (damaged !== undefined) volume.markClean(inode);
      damaged?.(path);
      volume.sync(inode);
      return;
    }
    if (struck.mayApply) volume.markClean(inode);
    throw struck.error;
  }

  #read(path: string, offset: number, length: number): Uint8Array {
    const { faults, replaced, dice } = this.#device;
    const bytes = this.#calls.read(path, offset, length);
    const before = replaced.get(path);
    const stale = faults.hit('stale-read', 'read', path, before !== undefined);
    if (stale !== undefined && before !== undefined) {
      stale(path);
      return before.slice(offset, offset + Math.min(length, before.length));
    }
    const short = faults.hit('short-io', 'read', path, bytes.length > 0);
    if (short === undefined) return bytes;
    short(path);
    return bytes.subarray(0, dice.below(bytes.length));
  }

  #storeSilently(operation: 'write' | 'create' | 'append', path: string, bytes: Uint8Array): void {
    const { faults, dice } = this.#device;
    if (faults.hit('short-io', operation, path, bytes.length > 0) !== undefined) {
      this.#calls[operation](path, bytes.subarray(0, dice.below(bytes.length)));
      throw new FileSystemError('EIO', operation, path);
    }
    const damaged = faults.hit('misdirected-write', operation, path, bytes.length > 0);
    const victim = damaged === undefined ? undefined : this.#device.misdirect(path, bytes);
    if (damaged === undefined || victim === undefined) return this.#calls[operation](path, bytes);
    this.#calls[operation](path, new Uint8Array(bytes.length));
    damaged(path);
    damaged(victim);
  }

  /** Undefined where there is no such file. */
  #bytesOf(path: string): Uint8Array | undefined {
    const status = this.#calls.status(path);
    if (status?.kind !== 'file') return undefined;
    return this.#calls.read(path, 0, status.sizeBytes);
  }

  #strike(operation: DiskOperation, path: string): void {
    const struck = this.#device.faults.strike(operation, path);
    if (struck !== undefined) throw struck.error;
  }

  #perform<T>(
    operation: DiskOperation,
    path: string,
    work: () => T,
    interrupted: () => unknown = work,
  ): Promise<T> {
    const call = (): T => {
      this.#inFlight.delete(call);
      return work();
    };
    this.#inFlight.set(call, interrupted);
    return this.#io.perform(`${operation} ${path}`, this.#device.latencyMs(operation), call);
  }
}

/** Nobody is left to learn that it failed; a bug is still a bug. */
function attempt(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
  }
}

function checkCount(operation: DiskOperation, path: string, value: number): void {
  const isCount = Number.isSafeInteger(value) && value >= 0;
  if (!isCount) throw new FileSystemError('EINVAL', operation, path);
}
