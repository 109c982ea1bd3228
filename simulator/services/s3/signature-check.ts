// Checks AWS Signature Version 4 as a server does, written apart from the engine's signer: from the
// request as it came, never from what the client believes to have signed.

import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { HttpResponse } from '../../../engine/environment/http-client.ts';
import { parseAmzDate } from './moments.ts';
import { element, refusal } from './s3-answers.ts';
import type { S3Request } from './s3-request.ts';
import { encodePercent } from './text.ts';

export interface SimulatedS3Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of a temporary key: every request has to carry it. */
  readonly sessionToken?: string;
  /** On the server's wall clock. */
  readonly expiresAtMs?: number;
}

export interface SignatureRules {
  readonly keys: readonly SimulatedS3Key[];
  readonly region: string;
  readonly wallTimeMs: number;
}

interface Authorization {
  readonly accessKeyId: string;
  readonly day: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const AUTHORIZATION = new RegExp(
  [
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request,/,
    / ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/,
  ]
    .map(({ source }) => source)
    .join(''),
);
/** As AWS has it. */
const SKEW_MS_MAX = 15 * 60 * 1000;

/** Undefined if the request is from who it says, now, and unaltered. */
export function objectionTo(request: S3Request, rules: SignatureRules): HttpResponse | undefined {
  const authorization = readAuthorization(request.headers.get('authorization') ?? '');
  if (authorization === undefined) return refusal('AccessDenied');
  const { accessKeyId, region } = authorization;
  const key = rules.keys.find((key) => key.accessKeyId === accessKeyId);
  if (key === undefined) return refusal('InvalidAccessKeyId');
  if (region !== rules.region) {
    return refusal('AuthorizationHeaderMalformed', element('Region', rules.region));
  }
  return (
    objectionToTime(request, authorization, rules.wallTimeMs) ??
    objectionToToken(request, key, rules.wallTimeMs) ??
    objectionToBody(request) ??
    objectionToSignature(request, authorization, key)
  );
}

function readAuthorization(text: string): Authorization | undefined {
  const parts = AUTHORIZATION.exec(text);
  if (parts === null) return undefined;
  const [, accessKeyId = '', day = '', region = '', names = '', signature = ''] = parts;
  return { accessKeyId, day, region, signedHeaders: names.split(';'), signature };
}

function objectionToTime(
  { headers }: S3Request,
  { day }: Authorization,
  wallTimeMs: number,
): HttpResponse | undefined {
  const moment = headers.get('x-amz-date') ?? '';
  const signedAtMs = parseAmzDate(moment);
  if (signedAtMs === undefined) return refusal('AccessDenied');
  if (Math.abs(signedAtMs - wallTimeMs) > SKEW_MS_MAX) return refusal('RequestTimeTooSkewed');
  return moment.startsWith(day) ? undefined : refusal('SignatureDoesNotMatch');
}

function objectionToToken(
  { headers }: S3Request,
  { sessionToken, expiresAtMs }: SimulatedS3Key,
  wallTimeMs: number,
): HttpResponse | undefined {
  if (headers.get('x-amz-security-token') !== sessionToken) return refusal('InvalidToken');
  const isExpired = expiresAtMs !== undefined && wallTimeMs >= expiresAtMs;
  return isExpired ? refusal('ExpiredToken') : undefined;
}

function objectionToBody({ headers, body }: S3Request): HttpResponse | undefined {
  const claimed = headers.get('x-amz-content-sha256');
  if (claimed === undefined) return refusal('InvalidRequest');
  if (claimed === 'UNSIGNED-PAYLOAD' || claimed === bytesToHex(sha256(body))) return undefined;
  return refusal('XAmzContentSHA256Mismatch');
}

function objectionToSignature(
  request: S3Request,
  { day, region, signedHeaders, signature }: Authorization,
  { secretAccessKey }: SimulatedS3Key,
): HttpResponse | undefined {
  const must = ['host', ...[...request.headers.keys()].filter((name) => name.startsWith('x-amz-'))];
  if (must.some((name) => !signedHeaders.includes(name))) return refusal('AccessDenied');
  const canonical = canonicalForm(request, signedHeaders);
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign =
    `AWS4-HMAC-SHA256\n${request.headers.get('x-amz-date') ?? ''}\n${scope}\n` +
    bytesToHex(sha256(utf8ToBytes(canonical)));
  const dateKey = hmac(sha256, utf8ToBytes(`AWS4${secretAccessKey}`), utf8ToBytes(day));
  const regionKey = hmac(sha256, dateKey, utf8ToBytes(region));
  const serviceKey = hmac(sha256, regionKey, utf8ToBytes('s3'));
  const signingKey = hmac(sha256, serviceKey, utf8ToBytes('aws4_request'));
  const expected = bytesToHex(hmac(sha256, signingKey, utf8ToBytes(toSign)));
  return expected === signature ? undefined : refusal('SignatureDoesNotMatch');
}

function canonicalForm(request: S3Request, signedHeaders: readonly string[]): string {
  const { method, rawPath, query, headers, host } = request;
  const pairs = [...query].map(
    ([name, value]) => [encodePercent(name), encodePercent(value)] as const,
  );
  pairs.sort(([left], [right]) => (left < right ? -1 : 1));
  const lines = signedHeaders.map((name) => {
    const value = name === 'host' ? host : (headers.get(name) ?? '');
    return `${name}:${value.trim().replace(/\s+/g, ' ')}`;
  });
  return [
    method,
    rawPath,
    pairs.map((pair) => pair.join('=')).join('&'),
    ...lines,
    '',
    signedHeaders.join(';'),
    headers.get('x-amz-content-sha256') ?? '',
  ].join('\n');
}
