// AWS Signature Version 4 in a header, for S3: the whole request, with its body's hash, is signed,
// so that a server detects whatever changes on the way. Pure: the moment comes from the caller.
// Does not sign queries (presigned URLs) or chunked bodies.

import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { HttpMethod } from '../../environment/http-client.ts';
import { amzDate } from './s3-dates.ts';
import { percentEncode } from './s3-text.ts';
import { utf8Of } from '../../stream/text-bytes.ts';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

export interface UnsignedRequest {
  readonly method: HttpMethod;
  /** As it stands in the request: percent-encoded, once. */
  readonly path: string;
  /** Not encoded. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Names in lower case, with `host`. All of them are signed. */
  readonly headers: ReadonlyMap<string, string>;
  /** Undefined: left unsigned, where TLS and a signed checksum stand in for its hash. */
  readonly body: Uint8Array | undefined;
}

export interface SigningContext {
  readonly credentials: S3Credentials;
  readonly region: string;
  readonly wallTimeMs: number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** The headers to send: those of the request and what makes it signed. */
export function signRequest(
  request: UnsignedRequest,
  { credentials, region, wallTimeMs }: SigningContext,
): ReadonlyMap<string, string> {
  const moment = amzDate(wallTimeMs);
  const headers = new Map(request.headers);
  const { body } = request;
  const bodyHash = body === undefined ? 'UNSIGNED-PAYLOAD' : bytesToHex(sha256(body));
  headers.set('x-amz-content-sha256', bodyHash);
  headers.set('x-amz-date', moment);
  const { sessionToken } = credentials;
  if (sessionToken !== undefined) headers.set('x-amz-security-token', sessionToken);

  const names = [...headers.keys()].sort();
  const canonical = canonicalRequest({ ...request, headers }, names, bodyHash);
  const scope = [moment.slice(0, 8), region, 's3', 'aws4_request'];
  const hashed = bytesToHex(sha256(utf8Of(canonical)));
  const toSign = [ALGORITHM, moment, scope.join('/'), hashed].join('\n');
  const start = utf8Of(`AWS4${credentials.secretAccessKey}`);
  const key = scope.reduce((key, part) => hmac(sha256, key, utf8Of(part)), start);
  const signature = bytesToHex(hmac(sha256, key, utf8Of(toSign)));
  headers.set(
    'authorization',
    `${ALGORITHM} Credential=${[credentials.accessKeyId, ...scope].join('/')}, ` +
      `SignedHeaders=${names.join(';')}, Signature=${signature}`,
  );
  return headers;
}

/** As it stands in the request and in what is signed: sorted by encoded name, then value. */
export function canonicalQuery(query: UnsignedRequest['query']): string {
  return query
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .sort(byNameThenValue)
    .join('&');
}

/** Compared whole, `a=` would stand behind `a-b=`, because '-' is less than '='. */
function byNameThenValue(left: string, right: string): number {
  const [leftName = '', leftValue = ''] = left.split('=');
  const [rightName = '', rightValue = ''] = right.split('=');
  if (leftName !== rightName) return leftName < rightName ? -1 : 1;
  return leftValue < rightValue ? -1 : leftValue > rightValue ? 1 : 0;
}

function canonicalRequest(
  { method, path, query, headers }: UnsignedRequest,
  names: readonly string[],
  bodyHash: string,
): string {
  const lines = names.map((name) => `${name}:${normalized(headers.get(name) ?? '')}\n`);
  const parts = [method, path, canonicalQuery(query), lines.join(''), names.join(';'), bodyHash];
  return parts.join('\n');
}

function normalized(value: string): string {
  return value.trim().replace(/ +/g, ' ');
}
