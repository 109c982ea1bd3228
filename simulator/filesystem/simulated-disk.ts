// A disk that outlives the hosts it is mounted on and forgets, when one of them loses power, what
// that host had not synced. Several hosts may share it like a network volume: all see every write
// at once, and what one of them had not synced dies with that one alone.
// Models: lost, reordered and torn writes, sizes and names; failed syncs; full, failing and slow
// devices; corruption; writes that are lost or go astray, reads that are short or stale. Does not
// model: bad sectors, permissions, symlinks.

import { present } from '../../engine/core/assert.ts';
import type { FileSystem } from '../../engine/environment/filesystem.ts';
import { type Address, address } from '../../engine/environment/network.ts';
import type { Random } from '../../engine/environment/random.ts';
import type { DiskPort, HostIo } from '../disk-port.ts';
import { type CrashState, crashStates, type CrashStatesOptions } from './crash-states.ts';
import { DiskFaults, type DiskOperation } from './disk-faults.ts';
import { Lookup } from './lookup.ts';
import type { InodeId } from './name-table.ts';
import type { Operation } from './operation.ts';
import { type Device, SimulatedFileSystem } from './simulated-filesystem.ts';
import { type CrashOutcome, type DurabilityProfile, type View, Volume } from './volume.ts';

export interface LatencyRange {
  readonly minMs: number;
  readonly maxMs: number;
}

export interface DiskLatencies {
  readonly read: LatencyRange;
  readonly write: LatencyRange;
  readonly names: LatencyRange;
  readonly sync: LatencyRange;
}

export interface SimulatedDiskOptions {
  /** The disk's own stream; everything random about it is forked from here. */
  readonly random: Random;
  /** posix-strict, if absent. */
  readonly profile?: DurabilityProfile;
  /** Of file contents; unlimited, if absent. */
  readonly capacityBytes?: number;
  readonly latencies?: Partial<DiskLatencies>;
}

/** The files as they are, for checkers after a run; no host, no latency, no fault. */
export interface DiskSnapshotView {
  /** What readers see of the files whose path starts with `prefix`, in ascending order of path. */
  readAll(prefix: string): Map<string, Uint8Array>;
  /** What a crash of every host would surely leave. */
  readDurable(prefix: string): Map<string, Uint8Array>;
}

/** A healthy solid-state disk: names are cached, a sync waits for the device. */
const HEALTHY: DiskLatencies = {
  read: { minMs: 0, maxMs: 1 },
  write: { minMs: 0, maxMs: 2 },
  names: { minMs: 0, maxMs: 1 },
  sync: { minMs: 1, maxMs: 10 },
};

const TAMPERER = address('tamperer');

export class SimulatedDisk implements DiskPort {
  readonly faults: DiskFaults;
  readonly #volume: Volume;
  readonly #device: Device;
  readonly #crashRandom: Random;
  /** Where misdirected writes and rotten bits strike. */
  readonly #strayRandom: Random;
  readonly #mounts = new Map<Address, SimulatedFileSystem>();

  constructor(options: SimulatedDiskOptions) {
    const { random, capacityBytes = Number.MAX_SAFE_INTEGER } = options;
    const latencies = { ...HEALTHY, ...options.latencies };
    const latencyRandom = random.fork('latency');
    const faults = new DiskFaults(random.fork('faults'));
    const volume = new Volume(options.profile ?? 'posix-strict');
    this.faults = faults;
    this.#volume = volume;
    this.#crashRandom = random.fork('crash');
    const latencyMs = (operation: DiskOperation): number => {
      const { minMs, maxMs } = latencies[latencyClass(operation)];
      const drawnMs = minMs + latencyRandom.below(maxMs - minMs + 1);
      return Math.round(drawnMs * faults.latencyFactor);
    };
    this.#device = {
      volume,
      faults,
      capacityBytes,
      dice: random.fork('partial'),
      replaced: new Map(),
      latencyMs,
      misdirect: (path, bytes) => this.#misdirect(path, bytes),
    };
    this.#strayRandom = random.fork('stray');
  }

  mount(owner: Address, io: HostIo): FileSystem {
    const filesystem = new SimulatedFileSystem(this.#device, owner, io);
    this.#mounts.set(owner, filesystem);
    return filesystem;
  }

  /** Power loss of `owner`. */
  crash(owner: Address): CrashOutcome {
    this.#mounts.get(owner)?.interrupt();
    this.#mounts.delete(owner);
    return this.#volume.crash(owner, this.#crashRandom);
  }

  /**
   * Every state that a power loss of `owner` can leave now, or undefined if there are too many.
   * Calls on their way are not considered: let them return or not start.
   */
  crashStates(owner: Address, options: CrashStatesOptions): readonly CrashState[] | undefined {
    return crashStates(this.#volume.pending(), owner, options);
  }

  /**
   * Power loss of `owner` that leaves one of its `crashStates`, of this disk or of one that has
   * gone the same way.
   */
  crashInto(owner: Address, state: CrashState): void {
    this.#mounts.delete(owner);
    const leftById = new Map([...state].map(([{ id }, left]) => [id, left]));
    const kept = new Map<Operation, readonly Operation[]>();
    for (const operation of this.#volume.pending()) {
      const left = leftById.get(operation.id);
      if (left !== undefined) kept.set(operation, left);
    }
    this.#volume.crashInto(owner, kept);
  }

  /** The process of `owner` died, its kernel did not: un-synced data is written back in time. */
  kill(owner: Address): void {
    this.#mounts.get(owner)?.interrupt();
    this.#mounts.delete(owner);
  }

  /** Flips one bit of a file for good; counted from the lowest bit of the first byte. */
  flipBit(path: string, bitIndex: number): void {
    const inode = this.#settled(path);
    const offset = Math.floor(bitIndex / 8);
    for (const { bytes } of this.#views()) {
      const [before] = bytes.read(inode, offset, 1);
      const byte = present(before, `Cannot flip bit ${bitIndex} of "${path}": past the end`);
      bytes.write(inode, offset, Uint8Array.of(byte ^ (1 << (bitIndex % 8))));
    }
    this.faults.count('bit-flip');
  }

  /** Cuts a file, or extends it with zeros, for good. */
  truncateTo(path: string, sizeBytes: number): void {
    const inode = this.#settled(path);
    for (const { bytes } of this.#views()) bytes.resize(inode, sizeBytes);
    this.faults.count('truncation');
  }

  /** Removes a name for good. */
  removeFile(path: string): void {
    const lookup = new Lookup(this.#volume, 'tamper');
    lookup.file(path);
    const { directory, name } = lookup.entry(path, 'EINVAL');
    const change = { directory, name, inode: undefined };
    this.#volume.forceNames(this.#volume.changeNames(TAMPERER, [change]));
    this.faults.count('removed-file');
  }

  /** Gives a file other bytes for good. */
  overwrite(path: string, replacement: Uint8Array): void {
    const inode = this.#settled(path);
    for (const { bytes } of this.#views()) {
      bytes.resize(inode, 0);
      bytes.write(inode, 0, replacement);
    }
    this.faults.count('overwritten-file');
  }

  /** Exchanges two files for good. */
  swap(pathA: string, pathB: string): void {
    const a = this.#settled(pathA);
    const b = this.#settled(pathB);
    for (const { bytes } of this.#views()) {
      const bytesOfA = bytes.read(a, 0, bytes.size(a));
      const bytesOfB = bytes.read(b, 0, bytes.size(b));
      bytes.resize(a, 0);
      bytes.resize(b, 0);
      bytes.write(a, 0, bytesOfB);
      bytes.write(b, 0, bytesOfA);
    }
    this.faults.count('swap');
  }

  /** Flips some bit of some file whose path starts with `prefix`, for good; says of which. */
  rot(prefix: string): string | undefined {
    const path = this.#someFile(prefix, undefined);
    if (path === undefined) return undefined;
    const inode = new Lookup(this.#volume, 'tamper').file(path);
    this.flipBit(path, this.#strayRandom.below(this.#volume.volatile.bytes.size(inode) * 8));
    return path;
  }

  /** Into a file of the same directory: what lies close on the device. */
  #misdirect(path: string, bytes: Uint8Array): string | undefined {
    const victim = this.#someFile(path.slice(0, path.lastIndexOf('/') + 1), path);
    if (victim === undefined) return undefined;
    const inode = this.#settled(victim);
    for (const { bytes: stored } of this.#views()) {
      stored.write(inode, 0, bytes.subarray(0, stored.size(inode)));
    }
    return victim;
  }

  /** That has bytes. */
  #someFile(prefix: string, except: string | undefined): string | undefined {
    const { bytes } = this.#volume.volatile;
    const paths = [...this.#files(this.#volume.volatile, prefix)].flatMap(([path, inode]) =>
      path === except || bytes.size(inode) === 0 ? [] : [path],
    );
    return paths.length === 0 ? undefined : paths[this.#strayRandom.below(paths.length)];
  }

  /** The paths of all files that start with `prefix`, ascending by code units. */
  listAll(prefix: string): string[] {
    return [...this.#files(this.#volume.volatile, prefix).keys()];
  }

  /** Bytes readers see, over all files: what counts against the capacity. */
  get usedBytes(): number {
    return this.#volume.volatile.bytes.usedBytes;
  }

  snapshotView(): DiskSnapshotView {
    return {
      readAll: (prefix) => this.#readFiles(this.#volume.volatile, prefix),
      readDurable: (prefix) => this.#readFiles(this.#volume.durable, prefix),
    };
  }

  /** Corruption strikes what is on the device, so the file is brought there first. */
  #settled(path: string): InodeId {
    const inode = new Lookup(this.#volume, 'tamper').file(path);
    this.#volume.settle(inode);
    return inode;
  }

  #views(): readonly View[] {
    return [this.#volume.volatile, this.#volume.durable];
  }

  #readFiles({ bytes, names }: View, prefix: string): Map<string, Uint8Array> {
    const files = new Map<string, Uint8Array>();
    for (const [path, inode] of this.#files({ bytes, names }, prefix)) {
      files.set(path, bytes.read(inode, 0, bytes.size(inode)));
    }
    return files;
  }

  #files({ names }: View, prefix: string): Map<string, InodeId> {
    const paths = [...names.paths()].filter(
      ([path, inode]) => path.startsWith(prefix) && !this.#volume.inodes.isDirectory(inode),
    );
    return new Map(paths.sort(([left], [right]) => (left < right ? -1 : 1)));
  }
}

function latencyClass(operation: DiskOperation): keyof DiskLatencies {
  switch (operation) {
    case 'read':
    case 'list':
    case 'status':
      return 'read';
    case 'write':
    case 'create':
    case 'append':
    case 'truncate':
      return 'write';
    case 'sync':
      return 'sync';
    case 'rename':
    case 'link':
    case 'remove':
    case 'make directory':
      return 'names';
  }
}
