// The file operations of WebHDFS. Each is carried out once, or it is said that this is unknown: a
// lost answer is settled by looking at what is there now, by the id that a file keeps through
// renames. Failures are FileSystemErrors.

import { FileSystemError, type FileSystemErrorCode } from '../../environment/filesystem.ts';
import type { Environment } from '../../environment/environment.ts';
import type { HttpMethod, HttpResponse } from '../../environment/http-client.ts';
import { sometimes } from '../../core/sometimes.ts';
import { codeOf, fieldOf, jsonOf } from './remote-exception.ts';
import { type Reply, type WebHdfsOptions, WebHdfsRequests } from './web-hdfs-requests.ts';

export interface HdfsStatus {
  readonly kind: 'file' | 'directory';
  /** Of a file that is being written, what is certain of it so far. */
  readonly sizeBytes: number;
  /** Of the inode: it stays through renames. Not every server tells it. */
  readonly fileId: number | undefined;
}

/** Looks at something lost, before it is left open what has become of it. */
const LOST_MAX = 8;

export class WebHdfsClient {
  readonly #requests: WebHdfsRequests;

  constructor(environment: Environment, options: WebHdfsOptions) {
    this.#requests = new WebHdfsRequests(environment, options);
  }

  get nameNodes(): readonly string[] {
    return this.#requests.nameNodes;
  }

  async status(path: string): Promise<HdfsStatus | undefined> {
    const reply = await this.#get('GETFILESTATUS', path);
    if (isRefusal(reply, 'ENOENT', 'ENOTDIR')) return undefined;
    return statusOf(fieldOf(jsonOf(doneOr(reply, 'look at', path)), 'FileStatus'), path);
  }

  /** Names directly below. ENOENT. */
  async list(path: string): Promise<readonly string[]> {
    const response = doneOr(await this.#get('LISTSTATUS', path), 'list', path);
    const entries = fieldOf(fieldOf(jsonOf(response), 'FileStatuses'), 'FileStatus');
    if (!Array.isArray(entries)) throw strange('list', path, response);
    const names = entries.map((entry: unknown) => String(fieldOf(entry, 'pathSuffix')));
    // A file lists itself, without a name.
    return names.filter((name) => name !== '').toSorted();
  }

  /** The whole file, or up to `length` bytes of it from `offset`. ENOENT. */
  async read(path: string, offset = 0, length?: number): Promise<Uint8Array> {
    if (length === 0) return this.#nothingOf(path, Number.POSITIVE_INFINITY);
    const parameters: [string, string][] = [];
    if (offset > 0) parameters.push(['offset', String(offset)]);
    if (length !== undefined) parameters.push(['length', String(length)]);
    const operation = { method: 'GET', op: 'OPEN', path, parameters, isRepeatable: true } as const;
    const reply = await this.#requests.transfer(operation);
    // Behind the end there is nothing; HDFS calls that an error.
    if (offset > 0 && reply.kind === 'failed' && !isRefusal(reply, 'ENOENT', 'EACCES')) {
      return this.#nothingOf(path, offset);
    }
    return doneOr(reply, 'read', path).body;
  }

  /** With its parents; an existing one is fine. */
  async makeDirectory(path: string): Promise<void> {
    const operation = { method: 'PUT', op: 'MKDIRS', path, isRepeatable: true } as const;
    const reply = await this.#requests.ask(operation);
    // Java's class for it says only that something is there.
    if (isRefusal(reply, 'EEXIST')) {
      throw new FileSystemError('ENOTDIR', 'make directory', path, causeOf(reply));
    }
    const response = doneOr(reply, 'make directory', path);
    if (fieldOf(jsonOf(response), 'boolean') !== true) {
      throw strange('make directory', path, response);
    }
  }

  /** `recursive`: with all below it. False if there was none. ENOTEMPTY. */
  async remove(path: string, recursive = false): Promise<boolean> {
    const before = await this.status(path);
    if (before === undefined) return false;
    for (let lost = 0; ; lost++) {
      const reply = await this.#requests.ask({
        method: 'DELETE',
        op: 'DELETE',
        path,
        parameters: [['recursive', String(recursive)]],
        isRepeatable: false,
      });
      if (reply.kind !== 'lost') {
        const response = doneOr(reply, 'remove', path);
        // After a lost one it is the first that did it.
        return fieldOf(jsonOf(response), 'boolean') === true || lost > 0;
      }
      if (lost === LOST_MAX) throw unsettled('remove', path, reply.cause);
      await this.#requests.pause(lost);
      // Somebody else may have made another one: that is not ours to remove.
      const now = await this.status(path);
      sometimes(now === undefined, 'a DELETE whose answer was lost has been carried out');
      if (now === undefined || now.fileId !== before.fileId) return true;
    }
  }

  /**
   * Never replaces. `taken`: something has the name; `missing`: there is nothing to rename, and it
   * is not what has the name now. ENOENT where the directory to rename to is missing. `known` is
   * what status() has just said of `from`.
   */
  async rename(
    from: string,
    to: string,
    known?: HdfsStatus,
  ): Promise<'renamed' | 'taken' | 'missing'> {
    const source = known ?? (await this.status(from));
    if (source === undefined) return 'missing';
    for (let lost = 0; ; lost++) {
      const reply = await this.#requests.ask({
        method: 'PUT',
        op: 'RENAME',
        path: from,
        parameters: [
          ['destination', to],
          ['renameoptions', 'NONE'],
        ],
        isRepeatable: false,
      });
      // A server that knows no options says `false` where it could not.
      const isDone = reply.kind === 'done' && fieldOf(jsonOf(reply.response), 'boolean') !== false;
      if (isDone) return 'renamed';
      if (reply.kind === 'unreachable') doneOr(reply, 'rename', from);
      const found = await this.#lookAfterRename(source, from, to);
      if (found !== 'still-there') return found;
      if (reply.kind !== 'lost') {
        doneOr(reply, 'rename', from);
        throw new FileSystemError('EIO', 'rename', from);
      }
      if (lost === LOST_MAX) throw unsettled('rename', from, reply.cause);
      await this.#requests.pause(lost);
    }
  }

  /**
   * `unknown`: there may be a file of that name, whole or not, now or later. Its parent is expected
   * to exist.
   */
  async createFile(path: string, bytes: Uint8Array): Promise<'created' | 'taken' | 'unknown'> {
    const reply = await this.#requests.transfer(
      {
        method: 'PUT',
        op: 'CREATE',
        path,
        parameters: [
          ['overwrite', 'false'],
          ['createparent', 'false'],
        ],
        isRepeatable: false,
        refusesRepeats: true,
      },
      bytes,
    );
    const isBegun = reply.kind === 'failed' && isBusy(reply.cause.exception);
    if (isBegun || isRefusal(reply, 'EEXIST')) return 'taken';
    if (reply.kind === 'lost' || isRefusal(reply, 'EIO')) return 'unknown';
    doneOr(reply, 'create', path);
    return 'created';
  }

  /**
   * `unknown`: nothing, a part or all may have been added, or may yet be. `busy`: another write has
   * not ended yet, and nothing was added.
   */
  async append(path: string, bytes: Uint8Array): Promise<'appended' | 'busy' | 'unknown'> {
    const operation = { method: 'POST', op: 'APPEND', path, isRepeatable: false } as const;
    const reply = await this.#requests.transfer(operation, bytes);
    if (reply.kind === 'lost') return 'unknown';
    if (reply.kind === 'failed' && isBusy(reply.cause.exception)) return 'busy';
    if (isRefusal(reply, 'EIO')) return 'unknown';
    doneOr(reply, 'append to', path);
    return 'appended';
  }

  /** False while a write that was broken off has not been settled: ask again. */
  async truncate(path: string, sizeBytes: number): Promise<boolean> {
    const reply = await this.#requests.ask({
      method: 'POST',
      op: 'TRUNCATE',
      path,
      parameters: [['newlength', String(sizeBytes)]],
      isRepeatable: true,
    });
    if (reply.kind === 'failed' && isBusy(reply.cause.exception)) return false;
    // Shorter meanwhile than it was shown to be.
    if (isRefusal(reply, 'EINVAL')) return false;
    const response = doneOr(reply, 'truncate', path);
    return fieldOf(jsonOf(response), 'boolean') === true;
  }

  pause(attempt: number): Promise<void> {
    return this.#requests.pause(attempt);
  }

  async #lookAfterRename(
    source: HdfsStatus,
    from: string,
    to: string,
  ): Promise<'renamed' | 'taken' | 'missing' | 'still-there'> {
    const target = await this.status(to);
    const isThere = (await this.status(from)) !== undefined;
    if (isThere) return target === undefined ? 'still-there' : 'taken';
    if (target === undefined) return 'missing';
    sometimes(target.fileId === source.fileId, 'a RENAME whose answer was lost has been done');
    return isSame(source, target) ? 'renamed' : 'missing';
  }

  async #nothingOf(path: string, offset: number): Promise<Uint8Array> {
    const status = await this.status(path);
    if (status === undefined) throw new FileSystemError('ENOENT', 'read', path);
    if (offset < status.sizeBytes) throw new FileSystemError('EIO', 'read', path);
    return new Uint8Array(0);
  }

  #get(op: string, path: string): Promise<Reply> {
    const method: HttpMethod = 'GET';
    return this.#requests.ask({ method, op, path, isRepeatable: true });
  }
}

/** The lease of a file is another's, or is being taken from it. */
function isBusy(exception: string): boolean {
  return (
    exception === 'AlreadyBeingCreatedException' || exception === 'RecoveryInProgressException'
  );
}

function isSame(before: HdfsStatus, now: HdfsStatus): boolean {
  // Names of files in progress are ours alone: where there are no ids, the length will do.
  if (before.fileId === undefined) return before.sizeBytes === now.sizeBytes;
  return before.fileId === now.fileId;
}

function isRefusal(reply: Reply, ...codes: readonly FileSystemErrorCode[]): boolean {
  return reply.kind === 'failed' && codes.includes(codeOf(reply.cause));
}

function causeOf(reply: Reply): unknown {
  return reply.kind === 'done' ? undefined : reply.cause;
}

function doneOr(reply: Reply, what: string, path: string): HttpResponse {
  if (reply.kind === 'done') return reply.response;
  const code = reply.kind === 'failed' ? codeOf(reply.cause) : 'EIO';
  throw new FileSystemError(code, what, path, reply.cause);
}

function unsettled(what: string, path: string, cause: unknown): FileSystemError {
  return new FileSystemError('EIO', what, path, cause);
}

function strange(what: string, path: string, { status, body }: HttpResponse): FileSystemError {
  const cause = new Error(`Cannot understand an answer of ${body.length} bytes, status ${status}`);
  return new FileSystemError('EIO', what, path, cause);
}

function statusOf(fields: unknown, path: string): HdfsStatus {
  const type = fieldOf(fields, 'type');
  const length = fieldOf(fields, 'length');
  const fileId = fieldOf(fields, 'fileId');
  if ((type !== 'FILE' && type !== 'DIRECTORY') || typeof length !== 'number') {
    const cause = new Error('Cannot understand a FileStatus without type and length');
    throw new FileSystemError('EIO', 'look at', path, cause);
  }
  return {
    kind: type === 'FILE' ? 'file' : 'directory',
    sizeBytes: length,
    fileId: typeof fileId === 'number' ? fileId : undefined,
  };
}
