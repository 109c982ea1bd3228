// Deletes everything under a prefix, a thousand keys at a time, and aborts the uploads that were
// left behind there. What others put meanwhile may stay. A crash in the middle leaves the rest.

import { md5 } from '@noble/hashes/legacy.js';
import { sometimes } from '../../core/sometimes.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import { succeeds } from '../file-system-outcome.ts';
import type { S3Client } from './s3-client.ts';
import { unexpected } from './s3-failures.ts';
import type { S3Listing } from './s3-listing.ts';
import type { S3Objects } from './s3-objects.ts';
import { base64Of, utf8Of } from '../../stream/text-bytes.ts';
import type { S3Uploads } from './s3-uploads.ts';
import { escapeXml, isWritableInXml, parseXml } from './s3-xml.ts';

export interface S3Deletion {
  readonly client: S3Client;
  readonly objects: S3Objects;
  readonly listing: S3Listing;
  readonly uploads: S3Uploads;
}

const KEYS_PER_REQUEST = 1000;

export async function deleteUnder(deletion: S3Deletion, prefix: string): Promise<void> {
  let after: string | undefined;
  do {
    const { keys, next } = await deletion.listing.page({ prefix, after });
    await deleteKeys(deletion, keys);
    after = next;
  } while (after !== undefined);
}

/**
 * Those under `prefix` that were begun before `beforeMs`, as the server's clock tells. Where nobody
 * may list or abort them, they are left to the bucket's own rules.
 */
export async function abortUploadsUnder(
  deletion: S3Deletion,
  prefix: string,
  beforeMs: number,
): Promise<void> {
  await succeeds(abortUploads(deletion, prefix, beforeMs), 'EACCES');
}

async function abortUploads(
  { listing, uploads }: S3Deletion,
  prefix: string,
  beforeMs: number,
): Promise<void> {
  for (const upload of (await listing.uploads(prefix)) ?? []) {
    const { initiatedMs } = upload;
    if (initiatedMs === undefined || initiatedMs >= beforeMs) continue;
    sometimes(true, 'an upload that was left behind is aborted');
    await uploads.abort(upload);
  }
}

async function deleteKeys(deletion: S3Deletion, keys: readonly string[]): Promise<void> {
  const writable = keys.filter(isWritableInXml);
  for (let at = 0; at < writable.length; at += KEYS_PER_REQUEST) {
    await deleteBatch(deletion.client, writable.slice(at, at + KEYS_PER_REQUEST));
  }
  for (const key of keys) if (!isWritableInXml(key)) await deletion.objects.delete(key);
}

async function deleteBatch(client: S3Client, keys: readonly string[]): Promise<void> {
  const listed = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`);
  const body = utf8Of(`<Delete><Quiet>true</Quiet>${listed.join('')}</Delete>`);
  const answer = await client.send({
    operation: 'delete from',
    method: 'POST',
    query: [['delete', '']],
    // The one request that S3 takes only with a checksum; this is the one that all servers know.
    headers: [
      ['content-md5', base64Of(md5(body))],
      ['content-type', 'application/xml'],
    ],
    body,
  });
  const place = client.placeOf(undefined);
  if (answer.error !== undefined) throw unexpected('delete from', place, answer.error);
  const result = parseXml(answer.body, 'DeleteResult');
  const failed = result?.all('Error').find((error) => error.textOf('Code') !== 'NoSuchKey');
  // Without a body, or as `<DeleteResult/>`, it has nothing to say against any of them.
  if (failed === undefined) return;
  const code = failed.textOf('Code') === 'AccessDenied' ? 'EACCES' : 'EIO';
  throw new FileSystemError(code, 'delete', client.placeOf(failed.textOf('Key')));
}
