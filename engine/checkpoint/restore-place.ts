// From where a user wants a job to start to what every host of it needs to know: a pointer without
// secrets, and how the clients of that storage are set up. Reads nothing.

import type { StorageClientOptions } from './checkpoint-place.ts';
import type { Encryption } from './encryption-keys.ts';
import { OnceproofError } from '../core/errors.ts';
import { parseWebHdfsPlace } from './hdfs/web-hdfs-place.ts';
import { schemeOf } from './storage-at.ts';

const SCHEMES = new Set(['file', 'webhdfs', 'swebhdfs', 's3', 's3a', 'druid']);

export interface RestorePlaceOptions extends StorageClientOptions {
  readonly place: string;
  /** Of the snapshot. Default: the job's own. */
  readonly encryption?: Encryption;
}

/** A directory or a URL; with what the client of that storage needs to be told, if anything. */
export type RestorePlace = string | RestorePlaceOptions;

/** Of the storages that snapshots are read from, other than the job's own. */
export interface SnapshotClients extends StorageClientOptions {
  readonly encryption?: Encryption;
  /** Read with these settings even where the job's own storage could reach it. */
  readonly apart?: string;
}

export interface RestorePoint {
  readonly pointer: string;
  readonly clients: SnapshotClients;
}

/** OP-E540, OP-E581. `resolvePath`: from a user's path to an absolute one. */
export function restorePointOf(
  from: RestorePlace,
  resolvePath: (path: string) => string,
): RestorePoint {
  const { place, ...given } = typeof from === 'string' ? { place: from } : from;
  const scheme = schemeOf(place);
  if (scheme !== undefined && !SCHEMES.has(scheme)) throw unknownScheme(place);
  const clients = { ...given, ...credentialsIn(place, given) };
  const isApart = Object.values(clients).some((settings) => settings !== undefined);
  const bare = withoutEnd(place);
  const isUrl = schemeOf(bare) !== undefined;
  if (!isApart) return { pointer: isUrl ? bare : resolvePath(bare), clients };
  const pointer = isUrl ? bare : `file://${resolvePath(bare)}`;
  return { pointer, clients: { ...clients, apart: pointer } };
}

/** Not left in the pointer, which ends up in errors and in the metadata of checkpoints. */
function credentialsIn(
  place: string,
  { webHdfs }: StorageClientOptions,
): Pick<StorageClientOptions, 'webHdfs'> {
  if (!isWebHdfs(place)) return {};
  const { user, delegationToken } = parseWebHdfsPlace(place);
  const credentials = {
    ...(user === undefined ? {} : { user }),
    ...(delegationToken === undefined ? {} : { delegationToken }),
  };
  const isNone = user === undefined && delegationToken === undefined;
  return isNone ? {} : { webHdfs: { ...credentials, ...webHdfs } };
}

/** Neither query nor file: the directory of the snapshot. */
function withoutEnd(place: string): string {
  const path = isWebHdfs(place) ? place.replace(/\?.*$/, '') : place;
  return path.replace(/\/_metadata$/, '').replace(/(?<=[^/])\/+$/, '');
}

function isWebHdfs(place: string): boolean {
  const scheme = schemeOf(place);
  return scheme === 'webhdfs' || scheme === 'swebhdfs';
}

function unknownScheme(place: string): OnceproofError {
  return new OnceproofError('OP-E581', `Cannot start from "${place}": no storage is named so`, {
    place: 'restoreFrom',
    remedy:
      'Give a directory, or a URL that begins with file://, webhdfs://, swebhdfs://, s3:// or ' +
      'druid://',
  });
}
