// One life as the active NameNode: edits one after the other, leases of files being written, and
// their recovery where a writer broke off. It ends at the first edit that fails or when another
// NameNode takes over, and is never resumed.

import type { Environment } from '../../../engine/environment/environment.ts';
import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import type { DataNodes } from './data-nodes.ts';
import { type EditLog, type OpenedLog, Superseded } from './edit-log.ts';
import { HdfsException } from './hdfs-exception.ts';
import { callRpc } from './hdfs-rpc.ts';
import { type Edit, type Inode, lengthOf, type NameSpace, pathOf } from './name-space.ts';

type WithoutTime<T> = T extends unknown ? Omit<T, 'timeMs'> : never;
export type EditToMake = WithoutTime<Edit>;

export interface ActiveOptions {
  readonly environment: Environment;
  readonly log: EditLog;
  readonly opened: OpenedLog;
  readonly dataNodes: DataNodes;
  readonly softLimitMs: number;
  readonly hardLimitMs: number;
  readonly onOver: () => void;
}

/** The last block is being cut: until then nobody may write, and the length is as it was. */
interface Cut {
  readonly untilMs: number;
  readonly lengthBefore: number;
}

const CUT_MS = 2_000;

export class ActiveNameNode {
  readonly nameSpace: NameSpace;
  readonly #options: ActiveOptions;
  /** When a writer was last heard of. */
  readonly #leases = new Map<number, number>();
  readonly #cuts = new Map<number, Cut>();
  readonly #recovering = new Set<number>();
  #tail: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(options: ActiveOptions) {
    this.#options = options;
    this.nameSpace = options.opened.nameSpace;
    // Writers may not know yet that there is a new active one.
    for (const { id, writer } of this.nameSpace.inodes()) {
      if (writer !== undefined) this.#leases.set(id, this.#nowMs);
    }
  }

  /**
   * Checks and makes one edit, after all that were asked for before. Rejects with the exception of
   * `check`, or, where it is unknown whether the edit counts, with a FileSystemError.
   */
  edit(check: () => EditToMake | undefined): Promise<Inode | undefined> {
    const made = this.#tail.then(() => this.#editNow(check));
    this.#tail = made.catch(() => undefined);
    return made;
  }

  /** What was read is true only if nobody else was active when it was. */
  async confirm(): Promise<void> {
    const { log, opened } = this.#options;
    const isOver = this.#isOver || (await log.isSuperseded(opened.epoch));
    if (!isOver) return;
    this.#end();
    throw standby();
  }

  /** Refuses where somebody else writes to the file; sets off recovery if he is gone for long. */
  checkWriters(file: Inode): void {
    const path = pathOf(file);
    if (this.#cutOf(file) !== undefined || this.#recovering.has(file.id)) throw inRecovery(path);
    if (file.writer === undefined) return;
    const silentMs = this.#nowMs - (this.#leases.get(file.id) ?? 0);
    if (silentMs <= this.#options.softLimitMs) {
      const message = `Failed to open ${path}: ${file.writer} is already the current lease holder.`;
      throw new HdfsException('AlreadyBeingCreatedException', message);
    }
    this.#recoverLater(file);
    throw inRecovery(path);
  }

  /** The file, if this writer still has it. */
  leased(fileId: number, writer: string): Inode {
    const file = this.nameSpace.byId(fileId);
    if (file === undefined) {
      const message = `File does not exist: (inode ${fileId}) Holder ${writer} has no open files.`;
      throw new HdfsException('FileNotFoundException', message);
    }
    if (file.writer !== writer || this.#recovering.has(fileId)) {
      const message = `No lease on ${pathOf(file)} (inode ${fileId}): held by ${file.writer}`;
      throw new HdfsException('LeaseExpiredException', message);
    }
    this.#leases.set(fileId, this.#nowMs);
    return file;
  }

  /** False: it is cut, but takes a while until it may be written to again. */
  async truncate(path: string, length: number, isAtBoundary: (file: Inode) => boolean) {
    let isDone = true;
    await this.edit(() => {
      const file = this.nameSpace.getFile(path);
      const held = lengthOf(file);
      // Asked for again while it is being done.
      isDone = this.#cutOf(file) === undefined;
      if (!isDone && length === held) return undefined;
      this.checkWriters(file);
      if (length > held) {
        const message = `Cannot truncate to a larger file size. Current size: ${held}`;
        throw new HdfsException('HadoopIllegalArgumentException', message);
      }
      if (length === held) return undefined;
      isDone = isAtBoundary(file);
      const cut = { untilMs: this.#nowMs + CUT_MS, lengthBefore: held };
      if (!isDone) this.#cuts.set(file.id, cut);
      return { op: 'truncate', fileId: file.id, length };
    });
    return isDone;
  }

  /** As it is shown. */
  lengthOf(file: Inode): number {
    return this.#cutOf(file)?.lengthBefore ?? lengthOf(file);
  }

  /** To be called now and then: files whose writer was never heard of again are closed. */
  checkLeases(): void {
    for (const [fileId, heardMs] of this.#leases) {
      const file = this.nameSpace.byId(fileId);
      if (file?.writer === undefined) this.#leases.delete(fileId);
      else if (this.#nowMs - heardMs > this.#options.hardLimitMs) this.#recoverLater(file);
    }
  }

  async #editNow(check: () => EditToMake | undefined): Promise<Inode | undefined> {
    if (this.#isOver) throw standby();
    const body = check();
    if (body === undefined) return undefined;
    const { environment, log, opened } = this.#options;
    const edit = { ...body, timeMs: environment.clock.wallTime() };
    try {
      await log.append(opened.epoch, edit);
    } catch (cause) {
      // As the real one, which exits: it cannot know what the others will read of it.
      this.#end();
      if (!(cause instanceof Superseded) && !(cause instanceof FileSystemError)) throw cause;
      throw new FileSystemError('EIO', 'edit', '/edits', cause);
    }
    const inode = this.nameSpace.apply(edit);
    if (inode?.writer !== undefined) this.#leases.set(inode.id, this.#nowMs);
    return inode;
  }

  #cutOf(file: Inode): Cut | undefined {
    const cut = this.#cuts.get(file.id);
    return cut !== undefined && cut.untilMs > this.#nowMs ? cut : undefined;
  }

  #recoverLater(file: Inode): void {
    if (this.#recovering.has(file.id)) return;
    this.#recovering.add(file.id);
    this.#options.environment.expectContinuations();
    void this.#recover(file);
  }

  /** Closes a file with what its blocks have got so far. */
  async #recover(file: Inode): Promise<void> {
    try {
      const lengths = await this.#lengthsOf(file);
      await this.edit(() => {
        const isThere = this.nameSpace.byId(file.id) === file && file.writer !== undefined;
        return isThere ? { op: 'close', fileId: file.id, lengths } : undefined;
      });
    } catch (error) {
      const isExpected = error instanceof HdfsException || error instanceof FileSystemError;
      if (!isExpected) throw error;
      // Tried again when somebody asks for the file.
    }
    this.#recovering.delete(file.id);
  }

  async #lengthsOf(file: Inode): Promise<readonly number[]> {
    const { environment, dataNodes } = this.#options;
    const open = file.blocks.filter(({ length }) => length === 0).map(({ id }) => id);
    const lengths = file.blocks.map(({ length }) => length);
    if (open.length === 0) return lengths;
    const place = `${dataNodes.choose(file)}:9867`;
    const answer = await callRpc(environment, place, { method: 'recover', blocks: open });
    const found = new Map(answer.get('lengths') as readonly (readonly [number, number])[]);
    const settled: number[] = [];
    for (const { id, length } of file.blocks) {
      const known = length > 0 ? length : found.get(id);
      // What comes behind a block that was never written was never written either.
      if (known === undefined) break;
      settled.push(known);
    }
    return settled;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.onOver();
  }

  get #nowMs(): number {
    return this.#options.environment.clock.now();
  }
}

export function standby(): HdfsException {
  const message = 'Operation category READ is not supported in state standby';
  return new HdfsException('StandbyException', message);
}

function inRecovery(path: string): HdfsException {
  const message = `Failed to open ${path}: lease recovery is in progress. Try again later.`;
  return new HdfsException('RecoveryInProgressException', message);
}
