// A request to the simulated S3, taken apart: which bucket and key it names, by path or by host,
// and its query. Nothing is trusted yet: the signature is looked at elsewhere.

import type { HttpMethod, HttpRequest } from '../../../engine/environment/http-client.ts';
import { decodePercent } from './text.ts';

export interface S3Request {
  readonly method: HttpMethod;
  /** Of the URL, as it was sent. */
  readonly rawPath: string;
  readonly host: string;
  /** Decoded; in the order of the URL. */
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  readonly bucket: string;
  /** Undefined where the bucket itself is meant. */
  readonly key: string | undefined;
}

const URL_PARTS = /^https?:\/\/([^/?]+)(\/[^?]*)?(?:\?(.*))?$/;
const NO_BYTES = new Uint8Array(0);

/** Undefined for a URL that is not well encoded. `buckets` tells a host that names a bucket. */
export function readRequest(
  request: HttpRequest,
  buckets: ReadonlySet<string>,
): S3Request | undefined {
  const [, authority = '', rawPath = '/', rawQuery = ''] = URL_PARTS.exec(request.url) ?? [];
  const headers = new Map(Object.entries(request.headers ?? {}));
  const host = headers.get('host') ?? authority;
  const query = readQuery(rawQuery);
  const path = decodePercent(rawPath);
  if (query === undefined || path === undefined) return undefined;
  const [label = ''] = host.split('.');
  const isVirtualHost = host.includes('.') && buckets.has(label);
  const [, inPath = '', rest = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const key = isVirtualHost ? path.slice(1) : rest;
  return {
    method: request.method,
    rawPath,
    host,
    query,
    headers,
    body: request.body ?? NO_BYTES,
    bucket: isVirtualHost ? label : inPath,
    key: key === '' ? undefined : key,
  };
}

function readQuery(raw: string): ReadonlyMap<string, string> | undefined {
  const query = new Map<string, string>();
  for (const pair of raw.split('&')) {
    if (pair === '') continue;
    const [name = '', ...rest] = pair.split('=');
    const decodedName = decodePercent(name.replaceAll('+', ' '));
    const value = decodePercent(rest.join('=').replaceAll('+', ' '));
    if (decodedName === undefined || value === undefined) return undefined;
    query.set(decodedName, value);
  }
  return query;
}
