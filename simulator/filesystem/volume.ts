// Two views of one disk and the log between them. `volatile` is what readers see, `durable` what
// the device holds; the log is what was asked for and not yet written back. Syncs and crashes move
// operations from the log to the device. No checks, no faults and no latency: those are above.
// Not modelled: two hosts that move directories of one shared volume at the same time.

import type { Address } from '../../engine/environment/network.ts';
import type { Random } from '../../engine/environment/random.ts';
import { ByteStore } from './byte-store.ts';
import { type CrashMode, selectSurvivors } from './crash-sampling.ts';
import { InodeTable } from './inode-table.ts';
import { type InodeId, NameTable } from './name-table.ts';
import {
  type DataOperation,
  type NameChange,
  type NameOperation,
  type Operation,
} from './operation.ts';
import { BLOCK_BYTES, partInNewBlocks } from './write-parts.ts';
import { OperationLog } from './operation-log.ts';

/**
 * posix-strict: nothing but syncs orders anything. posix-unforgiving: in addition a failed sync of
 * a directory loses its names for good, also those of others, whose own sync then succeeds: as
 * without a journal, and for one writer a directory. ext4-ordered: as posix-strict, but the data of
 * a file is written before it replaces another by rename, and what a write puts into new blocks
 * before the size that it made. In a block that is there already, and after a truncation, the size
 * is put into the inode at once, while data still waits.
 */
export type DurabilityProfile = 'posix-strict' | 'posix-unforgiving' | 'ext4-ordered';

export interface View {
  readonly bytes: ByteStore;
  readonly names: NameTable;
}

export interface CrashOutcome {
  readonly mode: CrashMode;
  readonly keptCount: number;
  readonly lostCount: number;
}

export class Volume {
  readonly volatile: View = { bytes: new ByteStore(), names: new NameTable() };
  readonly durable: View = { bytes: new ByteStore(), names: new NameTable() };
  readonly inodes = new InodeTable();
  readonly #log = new OperationLog();
  readonly #profile: DurabilityProfile;

  constructor(profile: DurabilityProfile) {
    this.#profile = profile;
  }

  write(owner: Address, inode: InodeId, offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const fromBytes = this.volatile.bytes.size(inode);
    const sizeBytes = Math.max(fromBytes, offset + bytes.length);
    this.volatile.bytes.write(inode, offset, bytes);
    // A size whose data is missing is what a torn append looks like, unless the profile forbids it.
    const isDataFirst = this.#profile === 'ext4-ordered';
    const newBlocksFrom = Math.ceil(fromBytes / BLOCK_BYTES) * BLOCK_BYTES;
    const write = { offset, bytes: bytes.slice(), newBlocksFrom };
    if (isDataFirst) this.#log.addWrite(owner, inode, write);
    if (sizeBytes > fromBytes) {
      this.#log.addResize(owner, inode, { fromBytes, sizeBytes, isTruncation: false });
    }
    if (!isDataFirst) this.#log.addWrite(owner, inode, write);
  }

  truncate(owner: Address, inode: InodeId, sizeBytes: number): void {
    const fromBytes = this.volatile.bytes.size(inode);
    if (fromBytes === sizeBytes) return;
    this.volatile.bytes.resize(inode, sizeBytes);
    this.#log.addResize(owner, inode, { fromBytes, sizeBytes, isTruncation: true });
  }

  /** Applies the changes in order; they persist together. */
  changeNames(owner: Address, changes: readonly NameChange[]): NameOperation {
    const added = changes.find((change) => change.inode !== undefined)?.inode;
    const isMove = added !== undefined && changes.length > 1;
    const movesDirectory = isMove && this.inodes.isDirectory(added);
    const replaces = isMove && changes.length > 2 && !movesDirectory;
    const flushes = replaces && this.#profile === 'ext4-ordered' ? added : undefined;
    const operation = this.#log.addNames(owner, changes, { movesDirectory, flushes });
    for (const { inode } of changes) if (inode !== undefined) this.inodes.retain(inode);
    for (const change of changes) this.#setVisible(change);
    this.#collectGarbage();
    return operation;
  }

  /** Whether a sync of this file or directory would have to write. */
  hasUnsynced(inode: InodeId): boolean {
    if (this.inodes.isDirectory(inode)) {
      return this.#log.names.some((each) => !each.isClean && each.unsynced.has(inode));
    }
    return this.#log.dataOf(inode).some((entry) => entry.kind === 'resize' || !entry.isClean);
  }

  sync(inode: InodeId): void {
    if (this.inodes.isDirectory(inode)) this.#syncNames(inode);
    else this.#persistData(this.#log.takeData(inode));
  }

  /** Makes these changes durable at once, with the earlier ones they build on. */
  forceNames(operation: NameOperation): void {
    this.#persistNames(new Set([operation]));
  }

  /**
   * What a failed sync does to the data of a file, or in posix-unforgiving to the names in a
   * directory; see `isClean` of the operations. Sizes stay in the log, and so do moves of
   * directories: half a move could put a tree below itself. A journal keeps names until it is
   * written, or stops for good.
   */
  markClean(inode: InodeId): void {
    if (this.#profile === 'posix-unforgiving') {
      for (const operation of this.#log.names) {
        if (operation.unsynced.has(inode) && !operation.movesDirectory) operation.isClean = true;
      }
    }
    for (const operation of this.#log.dataOf(inode)) {
      if (operation.kind === 'write') operation.isClean = true;
    }
  }

  /** Makes what readers see of a file the durable content, whatever its history. */
  settle(inode: InodeId): void {
    this.#log.dropData(inode);
    this.durable.bytes.copyFrom(this.volatile.bytes, inode);
  }

  /** Everything that is not durable yet, of every owner, in order. */
  pending(): readonly Operation[] {
    return this.#log.all();
  }

  crash(owner: Address, random: Random): CrashOutcome {
    const { mode, kept } = selectSurvivors(this.#log.all(), owner, random);
    return { mode, ...this.crashInto(owner, kept) };
  }

  /** As a crash that leaves exactly this; `kept` has to be a closed set of what is pending. */
  crashInto(
    owner: Address,
    kept: ReadonlyMap<Operation, readonly Operation[]>,
  ): Pick<CrashOutcome, 'keptCount' | 'lostCount'> {
    const taken = this.#log.takeOwned(owner);
    this.#applyKept(taken, kept);
    this.#rebuildVolatile(taken);
    for (const operation of taken) {
      if (operation.kind === 'names') this.#releaseLogged(operation);
    }
    this.#collectGarbage();
    return { keptCount: kept.size, lostCount: taken.length - kept.size };
  }

  #applyKept(
    taken: readonly Operation[],
    kept: ReadonlyMap<Operation, readonly Operation[]>,
  ): void {
    for (const operation of taken) {
      if (operation.kind !== 'names' || !kept.has(operation)) continue;
      this.#flushFor(operation);
      this.#applyNames(operation);
    }
    const data: DataOperation[] = [];
    for (const operation of taken) {
      if (operation.kind === 'names') continue;
      const forced = this.#forcedPart(operation, kept);
      const left = forced === operation ? [] : (kept.get(operation) ?? []);
      for (const part of left) if (part.kind !== 'names') data.push(part);
      if (forced !== undefined) data.push(forced);
    }
    this.#persistData(data);
  }

  /**
   * In ext4-ordered, a size that survives pulls along what is in new blocks, unless the file was
   * truncated since, and a replacing rename the whole file.
   */
  #forcedPart(
    operation: DataOperation,
    kept: ReadonlyMap<Operation, readonly Operation[]>,
  ): DataOperation | undefined {
    if (this.#profile !== 'ext4-ordered') return undefined;
    let hasSize = false;
    let isTruncated = false;
    for (const later of kept.keys()) {
      if (later.id <= operation.id) continue;
      if (later.kind === 'names' && later.flushes === operation.inode) return operation;
      if (later.kind !== 'resize' || later.inode !== operation.inode) continue;
      hasSize = true;
      isTruncated ||= later.isTruncation;
    }
    const isForced = operation.kind === 'write' && hasSize && !isTruncated;
    return isForced ? partInNewBlocks(operation) : undefined;
  }

  /** Data before sizes would be invisible or stale: what lies behind the durable size is cut. */
  #persistData(operations: readonly DataOperation[]): void {
    const { bytes } = this.durable;
    const sizes = new Map<InodeId, number>();
    for (const operation of operations) {
      const { inode } = operation;
      if (!sizes.has(inode)) sizes.set(inode, bytes.size(inode));
      if (operation.kind === 'resize') {
        bytes.resize(inode, operation.sizeBytes);
        sizes.set(inode, operation.sizeBytes);
      } else if (!operation.isClean) {
        bytes.write(inode, operation.offset, operation.bytes);
      }
    }
    for (const [inode, sizeBytes] of sizes) bytes.resize(inode, sizeBytes);
  }

  #syncNames(directory: InodeId): void {
    const complete = new Set<NameOperation>();
    for (const operation of this.#log.names) {
      if (operation.isClean || !operation.unsynced.delete(directory)) continue;
      if (operation.unsynced.size === 0) complete.add(operation);
    }
    this.#persistNames(complete);
  }

  #persistNames(selected: ReadonlySet<NameOperation>): void {
    for (const operation of this.#log.takeNames(selected)) {
      if (!operation.isClean) {
        this.#flushFor(operation);
        this.#applyNames(operation);
      }
      this.#releaseLogged(operation);
    }
    this.#collectGarbage();
  }

  #flushFor({ flushes, id }: NameOperation): void {
    if (flushes !== undefined) this.#persistData(this.#log.takeData(flushes, id));
  }

  #applyNames(operation: NameOperation): void {
    const { names } = this.durable;
    for (const { directory, name, inode } of operation.changes) {
      if (!this.inodes.exists(directory)) continue;
      const before = names.get(directory, name);
      if (inode !== undefined) this.inodes.retain(inode);
      names.set(directory, name, inode);
      if (before !== undefined) this.inodes.release(before);
    }
  }

  #releaseLogged(operation: NameOperation): void {
    for (const { inode } of operation.changes) if (inode !== undefined) this.inodes.release(inode);
  }

  /** Readers see the device plus what other hosts have asked for, where the crash touched it. */
  #rebuildVolatile(taken: readonly Operation[]): void {
    const files = new Set<InodeId>();
    for (const operation of taken) {
      if (operation.kind !== 'names') {
        files.add(operation.inode);
        continue;
      }
      for (const change of operation.changes) {
        const inode = this.#resetVisible(change);
        if (inode !== undefined) files.add(inode);
      }
    }
    for (const inode of files) this.#rebuildBytes(inode);
  }

  #resetVisible({ directory, name }: NameChange): InodeId | undefined {
    let inode = this.durable.names.get(directory, name);
    for (const operation of this.#log.names) {
      for (const change of operation.changes) {
        if (change.directory === directory && change.name === name) inode = change.inode;
      }
    }
    this.#setVisible({ directory, name, inode });
    return inode;
  }

  #rebuildBytes(inode: InodeId): void {
    const { bytes } = this.volatile;
    if (!this.inodes.isVisible(inode) || this.inodes.isDirectory(inode)) return;
    bytes.copyFrom(this.durable.bytes, inode);
    for (const operation of this.#log.dataOf(inode)) {
      if (operation.kind === 'resize') bytes.resize(inode, operation.sizeBytes);
      else bytes.write(inode, operation.offset, operation.bytes);
    }
  }

  #setVisible({ directory, name, inode }: NameChange): void {
    const { names } = this.volatile;
    if (!this.inodes.exists(directory)) return;
    const before = names.get(directory, name);
    if (inode !== undefined) this.inodes.addVisibleName(inode);
    names.set(directory, name, inode);
    if (before !== undefined) this.inodes.removeVisibleName(before);
  }

  #collectGarbage(): void {
    for (;;) {
      const suspects = this.inodes.takeSuspects();
      if (suspects.length === 0) return;
      for (const { inode, left } of suspects) {
        if (left === 'nothing') this.#vanish(inode);
        else this.volatile.bytes.remove(inode);
      }
    }
  }

  #vanish(inode: InodeId): void {
    for (const child of this.volatile.names.removeDirectory(inode)) {
      this.inodes.removeVisibleName(child);
    }
    for (const child of this.durable.names.removeDirectory(inode)) this.inodes.release(child);
    this.volatile.bytes.remove(inode);
    this.durable.bytes.remove(inode);
    this.#log.dropData(inode);
    const wasDirectory = this.inodes.isDirectory(inode);
    this.inodes.delete(inode);
    // Its own names are gone; what a rename did elsewhere waits for the other directory alone.
    if (wasDirectory) this.#syncNames(inode);
  }
}
