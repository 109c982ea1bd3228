// The listings of S3, in the order of the keys' bytes, page by page. They may be stale where the
// server is told so: what changed a moment ago may not show yet, for a bounded time.

import type { HttpResponse } from '../../../engine/environment/http-client.ts';
import { keyOfOrder, orderOf } from './key-order.ts';
import type { ListingView } from './listing-view.ts';
import { isoDate } from './moments.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectHeader, UploadHeader } from './record-kinds.ts';
import { element, refusal, xmlAnswer } from './s3-answers.ts';
import type { S3Request } from './s3-request.ts';
import { encodePercent } from './text.ts';

export interface ListingHandling {
  readonly store: ObjectStore;
  readonly view: ListingView;
  /** Entries on a page at most, whatever the client asks for. */
  readonly pageSize: number;
}

/** An object, or all keys that go on behind a prefix. */
interface Entry {
  readonly order: string;
  readonly object: ObjectHeader | undefined;
  readonly prefix: string;
}

const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

export function listObjects(
  { view, pageSize }: ListingHandling,
  { bucket, query }: S3Request,
): HttpResponse {
  if (query.get('list-type') !== '2') return refusal('NotImplemented');
  const limit = limitOf(query.get('max-keys'), pageSize);
  const after = query.get('continuation-token') ?? '';
  if (limit === undefined || keyOfOrder(after) === undefined) return refusal('InvalidArgument');
  const prefix = query.get('prefix') ?? '';
  const entries = entriesOf(view.objectsOf(bucket), prefix, query.get('delimiter') ?? '').filter(
    ({ order }) => order > after,
  );
  const page = entries.slice(0, limit);
  const isTruncated = entries.length > limit && limit > 0;
  const encode = encoderFor(query);
  const fields = [
    element('Name', bucket),
    element('Prefix', encode(prefix)),
    element('KeyCount', page.length),
    element('MaxKeys', limit),
    element('IsTruncated', isTruncated),
    ...(query.has('encoding-type') ? [element('EncodingType', 'url')] : []),
    ...(isTruncated ? [element('NextContinuationToken', page.at(-1)?.order ?? '')] : []),
    ...page.map((entry) => describe(entry, encode)),
  ];
  return xmlAnswer(`<ListBucketResult ${NAMESPACE}>${fields.join('')}</ListBucketResult>`);
}

export function listUploads(
  { store, pageSize }: ListingHandling,
  { bucket, query }: S3Request,
): HttpResponse {
  const limit = limitOf(query.get('max-uploads'), pageSize);
  if (limit === undefined) return refusal('InvalidArgument');
  const prefix = query.get('prefix') ?? '';
  const after = placeOf(query.get('key-marker') ?? '', query.get('upload-id-marker') ?? '');
  const uploads = store
    .uploadsOf(bucket)
    .filter(({ key, id }) => key.startsWith(prefix) && placeOf(key, id) > after)
    .sort((left, right) => (placeOf(left.key, left.id) < placeOf(right.key, right.id) ? -1 : 1));
  const page = uploads.slice(0, limit);
  const encode = encoderFor(query);
  const last = uploads.length > limit ? page.at(-1) : undefined;
  const fields = [
    element('Bucket', bucket),
    ...(query.has('encoding-type') ? [element('EncodingType', 'url')] : []),
    ...(last === undefined ? [] : [element('NextKeyMarker', encode(last.key))]),
    ...(last === undefined ? [] : [element('NextUploadIdMarker', last.id)]),
    element('IsTruncated', last !== undefined),
    ...page.map((upload) => describeUpload(upload, encode)),
  ];
  const root = 'ListMultipartUploadsResult';
  return xmlAnswer(`<${root} ${NAMESPACE}>${fields.join('')}</${root}>`);
}

/** Those of one key follow each other, whatever their ids. */
function placeOf(key: string, id: string): string {
  return key === '' ? '' : `${orderOf(key)}/${id}`;
}

function limitOf(asked: string | undefined, pageSize: number): number | undefined {
  const limit = Number(asked ?? pageSize);
  return Number.isInteger(limit) && limit >= 0 ? Math.min(limit, pageSize) : undefined;
}

function encoderFor(query: ReadonlyMap<string, string>): (text: string) => string {
  if (query.get('encoding-type') !== 'url') return (text) => text;
  return (text) => encodePercent(text, '/').replaceAll('%20', '+');
}

function entriesOf(
  objects: readonly ObjectHeader[],
  prefix: string,
  delimiter: string,
): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (const object of objects) {
    const { key } = object;
    if (!key.startsWith(prefix)) continue;
    const fold = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const name = fold < 0 ? key : key.slice(0, fold + delimiter.length);
    const entry = { order: orderOf(name), object: fold < 0 ? object : undefined, prefix: name };
    entries.set(name, entry);
  }
  return [...entries.values()].sort((left, right) => (left.order < right.order ? -1 : 1));
}

function describe({ object, prefix }: Entry, encode: (text: string) => string): string {
  if (object === undefined) {
    return `<CommonPrefixes>${element('Prefix', encode(prefix))}</CommonPrefixes>`;
  }
  const fields = [
    element('Key', encode(object.key)),
    element('LastModified', isoDate(object.modifiedMs)),
    element('ETag', object.etag),
    element('Size', object.sizeBytes),
    element('StorageClass', 'STANDARD'),
  ];
  return `<Contents>${fields.join('')}</Contents>`;
}

function describeUpload({ key, id, initiatedMs }: UploadHeader, encode: (text: string) => string) {
  const fields = [
    element('Key', encode(key)),
    element('UploadId', id),
    element('Initiated', isoDate(initiatedMs)),
  ];
  return `<Upload>${fields.join('')}</Upload>`;
}
