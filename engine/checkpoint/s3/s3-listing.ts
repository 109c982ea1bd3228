// What a bucket has under a prefix: objects and unfinished uploads, page by page. What was put or
// deleted a moment ago may be missing or still be there at servers other than AWS; nothing that has
// to be right may rest on a listing.

import { buggify } from '../../core/buggify.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import type { S3Client } from './s3-client.ts';
import { parseIsoDate } from './s3-dates.ts';
import { unexpected } from './s3-failures.ts';
import { percentDecode } from './s3-text.ts';
import type { Upload } from './s3-uploads.ts';
import { parseXml, type XmlElement } from './s3-xml.ts';

type Query = readonly (readonly [name: string, value: string])[];

export interface ListedKeys {
  readonly keys: readonly string[];
  /** Prefixes that end in the delimiter, of all keys that go on behind it. */
  readonly prefixes: readonly string[];
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

export interface ListedUpload extends Upload {
  /** Milliseconds since 1970; undefined if the server does not say. */
  readonly initiatedMs: number | undefined;
}

export class S3Listing {
  readonly #client: S3Client;

  constructor(client: S3Client) {
    this.#client = client;
  }

  async page(options: {
    readonly prefix: string;
    /** With it, keys that go on behind a slash are folded into prefixes. */
    readonly delimiter?: '/';
    readonly after?: string | undefined;
    readonly limit?: number;
  }): Promise<ListedKeys> {
    const { prefix, delimiter, after } = options;
    const limit = buggify('a listing comes in small pages') ? 1 : options.limit;
    const result = await this.#list('ListBucketResult', prefix, [
      ['list-type', '2'],
      ...(delimiter === undefined ? [] : [['delimiter', delimiter] as const]),
      ...(after === undefined ? [] : [['continuation-token', after] as const]),
      ...(limit === undefined ? [] : [['max-keys', String(limit)] as const]),
    ]);
    const decode = this.#decoderFor(result, prefix);
    return {
      keys: result.all('Contents').map((entry) => decode(entry.textOf('Key'))),
      prefixes: result.all('CommonPrefixes').map((entry) => decode(entry.textOf('Prefix'))),
      next: this.#nextOf(result, 'NextContinuationToken', prefix),
    };
  }

  /** Undefined where the server does not know such listings: it leaves no uploads to find. */
  async uploads(prefix: string): Promise<readonly ListedUpload[] | undefined> {
    const found: ListedUpload[] = [];
    let after: Query = [];
    for (;;) {
      const query: Query = [['uploads', ''], ...after];
      const result = await this.#list('ListMultipartUploadsResult', prefix, query, true);
      if (result === undefined) return undefined;
      const decode = this.#decoderFor(result, prefix);
      for (const entry of result.all('Upload')) {
        const key = decode(entry.textOf('Key'));
        const initiatedMs = parseIsoDate(entry.textOf('Initiated'));
        // Some servers take no prefix here and list all that there are.
        if (key.startsWith(prefix)) found.push({ key, id: entry.textOf('UploadId'), initiatedMs });
      }
      const keyMarker = this.#nextOf(result, 'NextKeyMarker', prefix);
      if (keyMarker === undefined) return found;
      after = [
        ['key-marker', decode(keyMarker)],
        ['upload-id-marker', result.textOf('NextUploadIdMarker')],
      ];
    }
  }

  #list(root: string, prefix: string, query: Query): Promise<XmlElement>;
  #list(
    root: string,
    prefix: string,
    query: Query,
    isOptional: true,
  ): Promise<XmlElement | undefined>;
  async #list(
    root: string,
    prefix: string,
    query: Query,
    isOptional = false,
  ): Promise<XmlElement | undefined> {
    const answer = await this.#client.send({
      operation: 'list',
      method: 'GET',
      query: [...query, ['prefix', prefix], ['encoding-type', 'url']],
    });
    if (answer.error !== undefined) {
      if (isOptional && [400, 404, 405, 501].includes(answer.status)) return undefined;
      throw unexpected('list', this.#client.placeOf(prefix), answer.error);
    }
    const result = parseXml(answer.body, root);
    if (result === undefined) throw this.#unreadable(prefix);
    return result;
  }

  #decoderFor(result: XmlElement, prefix: string): (text: string) => string {
    if (result.textOf('EncodingType') !== 'url') return (text) => text;
    return (text) => {
      const decoded = percentDecode(text);
      if (decoded === undefined) throw this.#unreadable(prefix);
      return decoded;
    };
  }

  #nextOf(result: XmlElement, name: string, prefix: string): string | undefined {
    if (result.textOf('IsTruncated') !== 'true') return undefined;
    const next = result.textOf(name);
    if (next === '') throw this.#unreadable(prefix);
    return next;
  }

  #unreadable(prefix: string): FileSystemError {
    return new FileSystemError('EIO', 'list', this.#client.placeOf(prefix));
  }
}
