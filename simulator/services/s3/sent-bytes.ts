// What a client says of the bytes that it sends, and whether that is so.

import { md5 } from '@noble/hashes/legacy.js';
import { crc32c } from '../../../engine/core/crc32c.ts';
import type { HttpResponse } from '../../../engine/environment/http-client.ts';
import type { ObjectHeader } from './record-kinds.ts';
import { refusal } from './s3-answers.ts';
import type { S3Request } from './s3-request.ts';
import { encodeBase64 } from './text.ts';

/** Undefined if the bytes are what the client says they are. */
export function objectionToBytes({ body, headers }: S3Request): HttpResponse | undefined {
  const claimedDigest = headers.get('content-md5');
  const claimedChecksum = headers.get('x-amz-checksum-crc32c');
  const isRight =
    (claimedDigest === undefined || claimedDigest === encodeBase64(md5(body))) &&
    (claimedChecksum === undefined || claimedChecksum === checksumOf(body));
  return isRight ? undefined : refusal('BadDigest');
}

/** CRC-32C, as S3 writes it. */
export function checksumOf(bytes: Uint8Array): string {
  const checksum = crc32c(bytes);
  const parts = [checksum >>> 24, checksum >>> 16, checksum >>> 8, checksum];
  return encodeBase64(Uint8Array.from(parts, (part) => part & 0xff));
}

export function metadataOf({ headers }: S3Request): ObjectHeader['metadata'] {
  return [...headers].filter(([name]) => name.startsWith('x-amz-meta-'));
}
