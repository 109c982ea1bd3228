// Multipart uploads: an object too large for one request goes up in parts, none of which shows
// before the upload is completed. Parts may be sent again. An upload that nobody completes stays,
// and costs, until somebody aborts it.

import { FileSystemError } from '../../environment/filesystem.ts';
import type { S3Client } from './s3-client.ts';
import { unexpected } from './s3-failures.ts';
import {
  checksumHeader,
  putOutcome,
  UNLESS_THERE,
  writerHeader,
  type PutOutcome,
} from './s3-objects.ts';
import { utf8Of } from '../../stream/text-bytes.ts';
import { escapeXml, parseXml } from './s3-xml.ts';

export interface Upload {
  readonly key: string;
  readonly id: string;
}

export interface UploadedPart {
  /** From 1. */
  readonly number: number;
  readonly etag: string;
  readonly checksum: string;
}

export class S3Uploads {
  readonly #client: S3Client;

  constructor(client: S3Client) {
    this.#client = client;
  }

  /** Where its answer was lost, another upload is left behind, for the clean-up to find. */
  async begin(key: string, writer: string): Promise<Upload> {
    const answer = await this.#client.send({
      operation: 'begin to put',
      method: 'POST',
      key,
      query: [['uploads', '']],
      headers: [
        ...writerHeader(writer),
        ['x-amz-checksum-algorithm', 'CRC32C'],
        ['content-type', 'application/octet-stream'],
      ],
    });
    const place = this.#client.placeOf(key);
    if (answer.error !== undefined) throw unexpected('begin to put', place, answer.error);
    const id = parseXml(answer.body, 'InitiateMultipartUploadResult')?.textOf('UploadId') ?? '';
    if (id === '') throw new FileSystemError('EIO', 'begin to put', place);
    return { key, id };
  }

  /** ENOENT if somebody has aborted the upload. */
  async putPart({ key, id }: Upload, number: number, bytes: Uint8Array): Promise<UploadedPart> {
    const headers = checksumHeader(bytes);
    const answer = await this.#client.send({
      operation: 'put a part of',
      method: 'PUT',
      key,
      query: [
        ['partNumber', String(number)],
        ['uploadId', id],
      ],
      headers,
      body: bytes,
    });
    const place = this.#client.placeOf(key);
    if (answer.status === 404) throw new FileSystemError('ENOENT', 'put a part of', place);
    if (answer.error !== undefined) throw unexpected('put a part of', place, answer.error);
    const etag = answer.headers.get('etag');
    if (etag === undefined) throw new FileSystemError('EIO', 'put a part of', place);
    return { number, etag, checksum: headers[0]?.[1] ?? '' };
  }

  /**
   * Makes the object, unless there is one of its key. 'unsettled' also where the upload is gone: it
   * was completed by an attempt whose answer was lost, or aborted.
   */
  async completeOnce({ key, id }: Upload, parts: readonly UploadedPart[]): Promise<PutOutcome> {
    const answer = await this.#client.send({
      operation: 'complete',
      method: 'POST',
      key,
      query: [['uploadId', id]],
      headers: [...UNLESS_THERE, ['content-type', 'application/xml']],
      body: utf8Of(completionOf(parts)),
    });
    if (answer.error?.code === 'NoSuchUpload' || answer.status === 404) return 'unsettled';
    return putOutcome(answer, this.#client.placeOf(key));
  }

  /** Gone already is fine. */
  async abort({ key, id }: Upload): Promise<void> {
    const operation = 'abort the upload of';
    const query = [['uploadId', id]] as const;
    const answer = await this.#client.send({ operation, method: 'DELETE', key, query });
    if (answer.error === undefined || answer.status === 404) return;
    throw unexpected(operation, this.#client.placeOf(key), answer.error);
  }
}

function completionOf(parts: readonly UploadedPart[]): string {
  const lines = parts.map(
    ({ number, etag, checksum }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag>` +
      `<ChecksumCRC32C>${checksum}</ChecksumCRC32C></Part>`,
  );
  const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  return `<CompleteMultipartUpload ${namespace}>${lines.join('')}</CompleteMultipartUpload>`;
}
