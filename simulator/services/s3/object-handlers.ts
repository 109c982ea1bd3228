// The requests of S3 that concern one object: PUT, GET with a range, HEAD, DELETE, and deletion of
// many. Verifies what a client says of its bytes before it keeps them.

import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { XMLParser } from 'fast-xml-parser';
import type { Clock } from '../../../engine/environment/clock.ts';
import type { HttpResponse } from '../../../engine/environment/http-client.ts';
import { httpDate } from './moments.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectHeader } from './record-kinds.ts';
import { element, emptyAnswer, refusal, xmlAnswer } from './s3-answers.ts';
import type { S3Request } from './s3-request.ts';
import { metadataOf, objectionToBytes } from './sent-bytes.ts';
import { decodeUtf8 } from './text.ts';

export interface Handling {
  readonly store: ObjectStore;
  readonly clock: Clock;
  /** False: the server ignores If-None-Match, as old ones do. */
  readonly knowsConditions: boolean;
}

export interface KeyedRequest extends S3Request {
  readonly key: string;
}

/** With how many keys one request may be about. */
const DELETED_KEYS_MAX = 1000;
const RANGE = /^bytes=(\d+)-(\d*)$/;
const parser = new XMLParser({ parseTagValue: false, trimValues: false, htmlEntities: true });

export async function putObject(
  { store, clock, knowsConditions }: Handling,
  request: KeyedRequest,
): Promise<HttpResponse> {
  const { bucket, key, body, headers } = request;
  const objection = objectionToBytes(request);
  if (objection !== undefined) return objection;
  const onlyIfNone = headers.get('if-none-match') === '*' && knowsConditions;
  if (onlyIfNone && store.object(bucket, key) !== undefined) return refusal('PreconditionFailed');
  const etag = `"${bytesToHex(md5(body))}"`;
  const header: ObjectHeader = {
    kind: 'object',
    bucket,
    key,
    sizeBytes: body.length,
    etag,
    checksum: headers.get('x-amz-checksum-crc32c'),
    metadata: metadataOf(request),
    modifiedMs: clock.wallTime(),
    upload: undefined,
  };
  const result = await store.put(header, body, onlyIfNone);
  if (result === 'exists') return refusal('PreconditionFailed');
  if (result === 'conflict') return refusal('ConditionalRequestConflict');
  return emptyAnswer(200, [['etag', etag]]);
}

export async function getObject({ store }: Handling, request: KeyedRequest): Promise<HttpResponse> {
  const { bucket, key, headers } = request;
  const object = store.object(bucket, key);
  if (object === undefined) return noSuchKey(key);
  const { sizeBytes } = object;
  const asked = RANGE.exec(headers.get('range') ?? '');
  const from = asked === null ? 0 : Number(asked[1]);
  const last = asked === null || asked[2] === '' ? sizeBytes - 1 : Number(asked[2]);
  const end = Math.min(last + 1, sizeBytes);
  if (asked !== null && (from >= sizeBytes || from >= end)) return refusal('InvalidRange');
  const body = await store.read(object, from, end - from);
  if (body === undefined) return noSuchKey(key);
  // What the disk has lost of an object is gone from it: a shorter one is what it shows.
  const isWhole = body.length === end - from;
  if (!isWhole && body.length === 0) return refusal('InvalidRange');
  const total = isWhole ? sizeBytes : from + body.length;
  const described = new Map([...describe(object, request), ['content-length', `${body.length}`]]);
  if (asked !== null) {
    described.set('content-range', `bytes ${from}-${from + body.length - 1}/${total}`);
  }
  return { status: asked === null ? 200 : 206, headers: described, body };
}

/** Without a body even where there is an error to tell. */
export function headObject({ store }: Handling, request: KeyedRequest): HttpResponse {
  const object = store.object(request.bucket, request.key);
  if (object === undefined) return emptyAnswer(404);
  const size = ['content-length', String(object.sizeBytes)] as const;
  return emptyAnswer(200, [...describe(object, request), size]);
}

export async function deleteObjects(
  { store }: Handling,
  request: S3Request,
): Promise<HttpResponse> {
  const { bucket, body, headers } = request;
  if (headers.get('content-md5') === undefined) return refusal('InvalidRequest');
  const objection = objectionToBytes(request);
  if (objection !== undefined) return objection;
  const keys = keysIn(body);
  if (keys === undefined || keys.length > DELETED_KEYS_MAX) return refusal('MalformedXML');
  for (const key of keys) await store.delete(bucket, key);
  return xmlAnswer('<DeleteResult></DeleteResult>');
}

function describe(object: ObjectHeader, { headers }: S3Request): ReadonlyMap<string, string> {
  const described = new Map([
    ['etag', object.etag],
    ['last-modified', httpDate(object.modifiedMs)],
    ['content-type', 'application/octet-stream'],
    ['accept-ranges', 'bytes'],
    ...object.metadata,
  ]);
  const wantsChecksum = headers.get('x-amz-checksum-mode') === 'ENABLED';
  if (wantsChecksum && object.checksum !== undefined) {
    described.set('x-amz-checksum-crc32c', object.checksum);
  }
  return described;
}

function noSuchKey(key: string): HttpResponse {
  return refusal('NoSuchKey', element('Key', key));
}

interface DeleteDocument {
  readonly Delete?: { readonly Object?: KeyElement | readonly KeyElement[] };
}

interface KeyElement {
  readonly Key?: string;
}

function keysIn(body: Uint8Array): readonly string[] | undefined {
  const document = parser.parse(decodeUtf8(body) ?? '') as DeleteDocument;
  const found = document.Delete?.Object;
  if (found === undefined) return undefined;
  const elements: readonly KeyElement[] = Array.isArray(found) ? found : [found];
  const keys = elements.map(({ Key }) => Key ?? '');
  return keys.includes('') ? undefined : keys;
}
