// A request of WebHDFS taken apart: `/webhdfs/v1/<path>?op=...`. Names of parameters and
// operations count in any case, as they do for the real servers.

import type { HttpRequest } from '../../../engine/environment/http-client.ts';
import { HdfsException } from './hdfs-exception.ts';

export interface WebHdfsRequest {
  /** `GET OPEN`: an operation goes with one method. */
  readonly operation: string;
  /** Decoded, absolute. */
  readonly path: string;
  /** The path as it was written, to be sent on. */
  readonly encodedPath: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly user: string;
  readonly body: Uint8Array;
}

/** Who is meant where nobody is named. */
const ANONYMOUS = 'dr.who';

export function parseWebHdfsRequest({ method, url, body }: HttpRequest): WebHdfsRequest {
  const match = /^http:\/\/[^/]+\/webhdfs\/v1(\/[^?]*)?(?:\?(.*))?$/.exec(url);
  if (match === null) throw illegal(`Not a WebHDFS URL: ${url}`);
  const [, encodedPath = '/', query = ''] = match;
  const parameters = new Map<string, string>();
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const [name = '', value = ''] = pair.split('=');
    // The first counts where one is given twice.
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, decoded(value.replaceAll('+', ' ')));
  }
  const op = parameters.get('op')?.toUpperCase() ?? '';
  if (op === '') throw illegal('Required param "op" is missing');
  return {
    operation: `${method} ${op}`,
    path: checkedPath(decoded(encodedPath)),
    encodedPath,
    parameters,
    user: parameters.get('user.name') ?? ANONYMOUS,
    body: body ?? new Uint8Array(),
  };
}

/** `name` must be absent, or a whole number from 0. */
export function numberOf({ parameters }: WebHdfsRequest, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  if (!/^[0-9]+$/.test(text)) {
    throw illegal(`Invalid value for webhdfs parameter "${name}": "${text}"`);
  }
  return Number(text);
}

export function flagOf({ parameters }: WebHdfsRequest, name: string, absent: boolean): boolean {
  const text = parameters.get(name);
  return text === undefined ? absent : text.toLowerCase() === 'true';
}

export function checkedPath(path: string): string {
  const names = path.split('/').slice(1);
  const isRoot = path === '/';
  const isBad = (name: string) => ['', '.', '..'].includes(name) || name.includes(':');
  if (!path.startsWith('/') || (!isRoot && names.some(isBad))) {
    throw illegal(`Invalid path name ${path}`);
  }
  return path;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw illegal(`Illegal character in "${text}"`);
  }
}

function illegal(message: string): HdfsException {
  return new HdfsException('IllegalArgumentException', message);
}
