// Whole objects of one bucket: put once, get, look, delete. Each body travels with its SHA-256 and
// its CRC-32C, which the server verifies before it says yes, and is durable once it has.

import { crc32c } from '../../core/crc32c.ts';
import { sometimes } from '../../core/sometimes.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import { unexpected } from './s3-failures.ts';
import { base64Of } from '../../stream/text-bytes.ts';
import type { S3Answer, S3Client } from './s3-client.ts';

export type Headers = readonly (readonly [name: string, value: string])[];

/**
 * 'taken': there is an object of this key, and it is certainly not ours. 'unsettled': there is one,
 * and an attempt of ours may have made it. 'unsupported': the server knows no conditions.
 */
export type PutOutcome = 'stored' | 'taken' | 'unsettled' | 'unsupported';

export interface ObjectHead {
  readonly sizeBytes: number;
  /** Who made it; undefined if it was not one of our writers. */
  readonly writer: string | undefined;
}

export interface ObjectRange {
  readonly bytes: Uint8Array;
  /** Of the whole object. */
  readonly totalBytes: number;
}

/** The only condition that S3 has for something that must not exist yet. */
export const UNLESS_THERE: Headers = [['if-none-match', '*']];

const WRITER = 'x-amz-meta-onceproof-writer';
const CHECKSUM = 'x-amz-checksum-crc32c';
const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+)$/;
const EMPTY = new Uint8Array(0);

export class S3Objects {
  readonly #client: S3Client;
  #isBucketKnown = false;

  constructor(client: S3Client) {
    this.#client = client;
  }

  /** Unless there is an object of this key. `writer` names the maker, to settle lost answers. */
  async putOnce(key: string, bytes: Uint8Array, writer: string): Promise<PutOutcome> {
    const answer = await this.#client.send({
      operation: 'put',
      method: 'PUT',
      key,
      headers: [
        ...UNLESS_THERE,
        ...writerHeader(writer),
        ...checksumHeader(bytes),
        ['content-type', 'application/octet-stream'],
      ],
      body: bytes,
    });
    return putOutcome(answer, this.#client.placeOf(key));
  }

  /** Undefined if there is no such object. Fewer bytes where it ends. */
  async get(key: string, from: number, length: number): Promise<ObjectRange | undefined> {
    const first = await this.#getRange(key, from, length);
    if (first === undefined || first.isIntact) return first;
    // Damaged on the way, or where it lies: whoever reads it has a checksum of its own to tell.
    sometimes(true, 'S3 hands out bytes that do not match their checksum');
    return this.#getRange(key, from, length);
  }

  async head(key: string): Promise<ObjectHead | undefined> {
    const answer = await this.#client.send({ operation: 'look at', method: 'HEAD', key });
    if (answer.error === undefined) {
      this.#isBucketKnown = true;
      const sizeBytes = Number(answer.headers.get('content-length') ?? Number.NaN);
      if (Number.isSafeInteger(sizeBytes)) {
        return { sizeBytes, writer: answer.headers.get(WRITER) };
      }
      throw new FileSystemError('EIO', 'look at', this.#client.placeOf(key));
    }
    if (answer.status !== 404) {
      throw unexpected('look at', this.#client.placeOf(key), answer.error);
    }
    await this.#requireBucket();
    return undefined;
  }

  /** Whether or not it exists. Durable. */
  async delete(key: string): Promise<void> {
    const answer = await this.#client.send({ operation: 'delete', method: 'DELETE', key });
    if (answer.error === undefined || answer.status === 404) return;
    throw unexpected('delete', this.#client.placeOf(key), answer.error);
  }

  async #getRange(
    key: string,
    from: number,
    length: number,
  ): Promise<(ObjectRange & { isIntact: boolean }) | undefined> {
    const answer = await this.#client.send({
      operation: 'get',
      method: 'GET',
      key,
      headers: [
        ['range', `bytes=${from}-${from + length - 1}`],
        ['x-amz-checksum-mode', 'ENABLED'],
      ],
    });
    if (answer.status === 404) return undefined;
    // The range begins where the object has ended.
    if (answer.status === 416) return { bytes: EMPTY, totalBytes: from, isIntact: true };
    if (answer.error !== undefined) {
      throw unexpected('get', this.#client.placeOf(key), answer.error);
    }
    const range = rangeOf(answer, from, length);
    if (range === undefined) throw new FileSystemError('EIO', 'get', this.#client.placeOf(key));
    return { ...range, isIntact: isIntact(answer, range) };
  }

  /** A 404 to HEAD has no body that would say whether the bucket is missing instead. */
  async #requireBucket(): Promise<void> {
    if (this.#isBucketKnown) return;
    const operation = 'find the bucket of';
    const query = [
      ['list-type', '2'],
      ['max-keys', '1'],
    ] as const;
    const answer = await this.#client.send({ operation, method: 'GET', query });
    if (answer.error !== undefined) {
      throw unexpected(operation, this.#client.placeOf(undefined), answer.error);
    }
    this.#isBucketKnown = true;
  }
}

export function writerHeader(writer: string): Headers {
  return [[WRITER, writer]];
}

export function checksumHeader(bytes: Uint8Array): Headers {
  return [[CHECKSUM, base64Of(bigEndian(crc32c(bytes)))]];
}

export function putOutcome(answer: S3Answer, place: string): PutOutcome {
  const { error, status, isRepeated } = answer;
  if (error === undefined) return 'stored';
  if (status === 412 || error.code === 'PreconditionFailed') {
    return isRepeated ? 'unsettled' : 'taken';
  }
  if (status === 501 || error.code === 'NotImplemented') return 'unsupported';
  throw unexpected('put', place, error);
}

function rangeOf(
  { status, headers, body }: S3Answer,
  from: number,
  length: number,
): ObjectRange | undefined {
  // A server may answer with the whole instead.
  if (status === 200) {
    return { bytes: body.subarray(from, from + length), totalBytes: body.length };
  }
  const [, first, last, total] = CONTENT_RANGE.exec(headers.get('content-range') ?? '') ?? [];
  const isAsked = Number(first) === from && Number(last) - from + 1 === body.length;
  return isAsked && body.length <= length ? { bytes: body, totalBytes: Number(total) } : undefined;
}

/** Only a whole object can be told: its checksum is of all of it. */
function isIntact({ headers, body }: S3Answer, { totalBytes }: ObjectRange): boolean {
  const checksum = headers.get(CHECKSUM);
  const isWhole = body.length === totalBytes;
  // With a hyphen, it is a checksum of the checksums of parts.
  if (checksum === undefined || checksum.includes('-') || !isWhole) return true;
  return checksum === base64Of(bigEndian(crc32c(body)));
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
