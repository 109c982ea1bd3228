// What a NameNode answers about names, in the words of WebHDFS.

import type { HttpResponse } from '../../../engine/environment/http-client.ts';
import { jsonAnswer } from './hdfs-exception.ts';
import { type Inode, lengthOf } from './name-space.ts';

export interface Shown {
  readonly blockSizeBytes: number;
  /** What counts of it at present. */
  readonly lengthOf: (inode: Inode) => number;
}

export function booleanAnswer(isTrue: boolean): HttpResponse {
  return jsonAnswer({ boolean: isTrue });
}

export function statusAnswer(inode: Inode, shown: Shown): HttpResponse {
  return jsonAnswer({ FileStatus: statusFields(inode, '', shown) });
}

export function listAnswer(inode: Inode, shown: Shown): HttpResponse {
  const entries =
    inode.children === undefined
      ? [statusFields(inode, '', shown)]
      : [...inode.children.values()]
          .toSorted((left, right) => (left.name < right.name ? -1 : 1))
          .map((child) => statusFields(child, child.name, shown));
  return jsonAnswer({ FileStatuses: { FileStatus: entries } });
}

export function summaryAnswer(inode: Inode): HttpResponse {
  const sums = { directoryCount: 0, fileCount: 0, length: 0 };
  const add = (at: Inode) => {
    if (at.children === undefined) {
      sums.fileCount += 1;
      sums.length += lengthOf(at);
    } else sums.directoryCount += 1;
    for (const child of at.children?.values() ?? []) add(child);
  };
  add(inode);
  const quotas = { quota: -1, spaceConsumed: sums.length, spaceQuota: -1, typeQuota: {} };
  return jsonAnswer({ ContentSummary: { ...sums, ...quotas } });
}

export function redirectAnswer(location: string, isInBody: boolean): HttpResponse {
  if (isInBody) return jsonAnswer({ Location: location });
  const headers = new Map([
    ['location', location],
    ['content-type', 'application/octet-stream'],
  ]);
  return { status: 307, headers, body: new Uint8Array() };
}

function statusFields(inode: Inode, pathSuffix: string, shown: Shown): object {
  const isFile = inode.children === undefined;
  return {
    accessTime: isFile ? inode.modifiedMs : 0,
    blockSize: isFile ? shown.blockSizeBytes : 0,
    childrenNum: inode.children?.size ?? 0,
    fileId: inode.id,
    group: 'supergroup',
    length: shown.lengthOf(inode),
    modificationTime: inode.modifiedMs,
    owner: inode.owner,
    pathSuffix,
    permission: isFile ? '644' : '755',
    replication: isFile ? 1 : 0,
    storagePolicy: 0,
    type: isFile ? 'FILE' : 'DIRECTORY',
  };
}
