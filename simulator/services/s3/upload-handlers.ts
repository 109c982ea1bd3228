// The requests of S3 that concern multipart uploads, from their beginning to their end. An upload
// that nobody ends stays across restarts. Does not model the copying of parts or their listing.

import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { XMLParser } from 'fast-xml-parser';
import type { HttpResponse } from '../../../engine/environment/http-client.ts';
import type { Random } from '../../../engine/environment/random.ts';
import type { Handling, KeyedRequest } from './object-handlers.ts';
import type { Kept, ObjectHeader, PartHeader, PendingUpload } from './record-kinds.ts';
import { element, emptyAnswer, refusal, xmlAnswer } from './s3-answers.ts';
import { checksumOf, metadataOf, objectionToBytes } from './sent-bytes.ts';
import { decodeUtf8 } from './text.ts';

export interface UploadHandling extends Handling {
  readonly ids: Random;
  /** Of every part but the last. */
  readonly minPartBytes: number;
}

interface ListedPart {
  readonly number: number;
  readonly etag: string;
}

const PART_NUMBER_MAX = 10_000;
const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
const parser = new XMLParser({ parseTagValue: false, htmlEntities: true });

export async function beginUpload(
  { store, clock, ids }: UploadHandling,
  request: KeyedRequest,
): Promise<HttpResponse> {
  const { bucket, key } = request;
  const word = (): string =>
    ids
      .below(2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const id = word() + word() + word();
  await store.beginUpload({
    kind: 'upload',
    bucket,
    key,
    id,
    metadata: metadataOf(request),
    initiatedMs: clock.wallTime(),
  });
  const fields = element('Bucket', bucket) + element('Key', key) + element('UploadId', id);
  const root = 'InitiateMultipartUploadResult';
  return xmlAnswer(`<${root} ${NAMESPACE}>${fields}</${root}>`);
}

export async function putPart(
  { store }: UploadHandling,
  request: KeyedRequest,
): Promise<HttpResponse> {
  const { query, body } = request;
  const upload = query.get('uploadId') ?? '';
  const number = Number(query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > PART_NUMBER_MAX) {
    return refusal('InvalidArgument');
  }
  if (pendingUpload({ store }, request) === undefined) return refusal('NoSuchUpload');
  const objection = objectionToBytes(request);
  if (objection !== undefined) return objection;
  const etag = `"${bytesToHex(md5(body))}"`;
  const checksum = checksumOf(body);
  const header = { kind: 'part', upload, number, sizeBytes: body.length, etag, checksum } as const;
  const isTaken = await store.putPart(header, body);
  return isTaken ? emptyAnswer(200, [['etag', etag]]) : refusal('NoSuchUpload');
}

export async function completeUpload(
  handling: UploadHandling,
  request: KeyedRequest,
): Promise<HttpResponse> {
  const { store, knowsConditions } = handling;
  const { bucket, key, headers, body } = request;
  const pending = pendingUpload(handling, request);
  if (pending === undefined) return refusal('NoSuchUpload');
  const listed = partsIn(body);
  if (listed === undefined) return refusal('MalformedXML');
  const parts = chosenParts(pending, listed, handling.minPartBytes);
  if (!Array.isArray(parts)) return parts;
  const onlyIfNone = headers.get('if-none-match') === '*' && knowsConditions;
  if (onlyIfNone && store.object(bucket, key) !== undefined) return refusal('PreconditionFailed');
  const bytes = await store.readParts(parts);
  if (bytes === undefined) return refusal('NoSuchUpload');
  const header = completedHeader(pending, parts, handling.clock.wallTime());
  const result = await store.put(header, bytes, onlyIfNone);
  if (result === 'exists') return refusal('PreconditionFailed');
  if (result === 'conflict') return refusal('ConditionalRequestConflict');
  const fields = element('Bucket', bucket) + element('Key', key) + element('ETag', header.etag);
  const root = 'CompleteMultipartUploadResult';
  return xmlAnswer(`<${root} ${NAMESPACE}>${fields}</${root}>`);
}

export async function abortUpload(
  { store }: UploadHandling,
  request: KeyedRequest,
): Promise<HttpResponse> {
  if (pendingUpload({ store }, request) === undefined) return refusal('NoSuchUpload');
  const wasThere = await store.abortUpload(request.query.get('uploadId') ?? '');
  return wasThere ? emptyAnswer(204) : refusal('NoSuchUpload');
}

/** Only together with the key that it was begun for does an upload id mean anything. */
function pendingUpload(
  { store }: Pick<Handling, 'store'>,
  { bucket, key, query }: KeyedRequest,
): PendingUpload | undefined {
  const upload = store.upload(query.get('uploadId') ?? '');
  return upload?.header.bucket === bucket && upload.header.key === key ? upload : undefined;
}

function chosenParts(
  pending: PendingUpload,
  listed: readonly ListedPart[],
  minPartBytes: number,
): Kept<PartHeader>[] | HttpResponse {
  const parts: Kept<PartHeader>[] = [];
  for (const { number, etag } of listed) {
    const part = pending.parts.get(number);
    if (part === undefined || part.etag !== etag) return refusal('InvalidPart');
    if (number <= (parts.at(-1)?.number ?? 0)) return refusal('InvalidPartOrder');
    parts.push(part);
  }
  const isTooSmall = parts.slice(0, -1).some(({ sizeBytes }) => sizeBytes < minPartBytes);
  return isTooSmall ? refusal('EntityTooSmall') : parts;
}

function completedHeader(
  { header }: PendingUpload,
  parts: readonly PartHeader[],
  modifiedMs: number,
): ObjectHeader {
  const digests = parts.map(({ etag }) => hexToBytes(etag.slice(1, -1)));
  const { bucket, key, metadata, id } = header;
  return {
    kind: 'object',
    bucket,
    key,
    sizeBytes: parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    etag: `"${bytesToHex(md5(concatBytes(...digests)))}-${parts.length}"`,
    checksum: undefined,
    metadata,
    modifiedMs,
    upload: id,
  };
}

interface CompletionDocument {
  readonly CompleteMultipartUpload?: { readonly Part?: PartElement | readonly PartElement[] };
}

interface PartElement {
  readonly PartNumber?: string;
  readonly ETag?: string;
}

function partsIn(body: Uint8Array): readonly ListedPart[] | undefined {
  const document = parser.parse(decodeUtf8(body) ?? '') as CompletionDocument;
  const found = document.CompleteMultipartUpload?.Part;
  if (found === undefined) return undefined;
  const elements: readonly PartElement[] = Array.isArray(found) ? found : [found];
  return elements.map(({ PartNumber, ETag }) => ({ number: Number(PartNumber), etag: ETag ?? '' }));
}
