// Artefacts in an S3 bucket. An object is durable and visible to reads once its put was answered;
// no name is ever taken twice, which the server decides, not a look beforehand. Directories are
// only prefixes here. Listings may be stale; nothing but list() and removeTree() goes by them.

import { areEqualBytes } from '../../core/bytes.ts';
import { bytesToHex } from '@noble/hashes/utils.js';
import { OnceproofError } from '../../core/errors.ts';
import type { Environment } from '../../environment/environment.ts';
import { FileSystemError, type FileStatus } from '../../environment/filesystem.ts';
import { type ForeignServices, servicesOf } from '../../environment/foreign-services.ts';
import { pathNames } from '../../environment/path.ts';
import type { ArtefactStore, ArtefactWriter } from '../artefact-store.ts';
import { CredentialChain } from './credential-chain.ts';
import { S3ArtefactWriter } from './s3-artefact-writer.ts';
import { S3Client } from './s3-client.ts';
import { S3Conditions } from './s3-conditions.ts';
import { abortUploadsUnder, deleteUnder } from './s3-deletion.ts';
import { S3Listing } from './s3-listing.ts';
import { S3Objects } from './s3-objects.ts';
import { parseS3Url, s3TargetOf, type S3Options, type S3Place } from './s3-options.ts';
import { readObject } from './s3-reading.ts';
import { utf8Of } from '../../stream/text-bytes.ts';
import { S3Uploads } from './s3-uploads.ts';

const DEFAULT_PART_BYTES = 8 * 1024 * 1024;
const DEFAULT_ATTEMPTS = 6;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_ORPHAN_AFTER_MS = 24 * 60 * 60 * 1000;
/** Enough for no two writers ever to have the same. */
const WRITER_BYTES = 16;
/** A limit of S3, in UTF-8. */
const KEY_BYTES_MAX = 1024;
/** Below the prefix; hidden from list(). */
const CONDITIONS_NAME = '.onceproof-conditions';
/** Others may delete what stands in the way, again and again; not that often. */
const PUBLISH_ROUNDS = 3;

export class S3ArtefactStore implements ArtefactStore {
  readonly #place: S3Place;
  readonly #options: S3Options;
  readonly #services: ForeignServices;
  readonly #client: S3Client;
  readonly #objects: S3Objects;
  readonly #uploads: S3Uploads;
  readonly #listing: S3Listing;
  readonly #conditions: S3Conditions;

  /** `url`: `s3://bucket/prefix`; the root of the store is the prefix. OP-E550. */
  constructor(url: string, options: S3Options, environment: Environment) {
    this.#services = servicesOf(environment);
    const { variable, http } = this.#services;
    const { credentials: explicit } = options;
    this.#place = parseS3Url(url);
    this.#options = options;
    this.#client = new S3Client({
      environment,
      target: s3TargetOf(this.#place.bucket, options, variable),
      credentials: new CredentialChain({
        variable,
        http,
        clock: environment.clock,
        filesystem: environment.filesystem,
        ...(explicit === undefined ? {} : { explicit }),
      }),
      attempts: options.attempts ?? DEFAULT_ATTEMPTS,
      requestTimeoutMs: options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    });
    this.#objects = new S3Objects(this.#client);
    this.#uploads = new S3Uploads(this.#client);
    this.#listing = new S3Listing(this.#client);
    const key = `${this.#place.prefix}${CONDITIONS_NAME}`;
    this.#conditions = new S3Conditions({
      objects: this.#objects,
      uploads: this.#uploads,
      key,
      place: this.#client.placeOf(key),
      writer: this.#newWriter(),
    });
  }

  describe(path: string): string {
    return this.#client.placeOf(`${this.#place.prefix}${path.slice(1)}`);
  }

  pathOf(place: string): string | undefined {
    if (place.startsWith('/')) return place;
    const plain = place.replace(/^s3a:/, 's3:');
    const root = this.#client.placeOf(this.#place.prefix);
    if (plain === root || `${plain}/` === root) return '/';
    if (!plain.startsWith(root)) return undefined;
    return `/${plain.slice(root.length).replace(/\/+$/, '')}`;
  }

  async create(path: string): Promise<ArtefactWriter> {
    const key = this.#keyOf('create', path);
    await this.#conditions.requirePuts();
    return new S3ArtefactWriter({
      key,
      place: this.#client.placeOf(key),
      writer: this.#newWriter(),
      partBytes: this.#options.partBytes ?? DEFAULT_PART_BYTES,
      objects: this.#objects,
      uploads: this.#uploads,
      requireConditionalUploads: () => this.#conditions.requireUploads(),
    });
  }

  /** One request: there is no temporary name that a token would have to tell apart. */
  async publish(path: string, bytes: Uint8Array): Promise<void> {
    const key = this.#keyOf('publish', path);
    await this.#conditions.requirePuts();
    for (let round = 0; round < PUBLISH_ROUNDS; round += 1) {
      const outcome = await this.#objects.putOnce(key, bytes, this.#newWriter());
      if (outcome === 'stored') return;
      const published = await readObject(this.#objects, key, { from: 0, length: undefined });
      if (published === undefined) continue;
      if (areEqualBytes(published, bytes)) return;
      throw new OnceproofError('OP-E507', 'Cannot publish checkpoint metadata', {
        place: this.#client.placeOf(key),
        remedy: 'See that one JobManager alone uses this prefix of the bucket',
        cause: new FileSystemError('EEXIST', 'publish', this.#client.placeOf(key)),
      });
    }
    throw new FileSystemError('EIO', 'publish', this.#client.placeOf(key));
  }

  /** What S3 lets anybody see is durable. */
  async confirm(path: string): Promise<void> {
    const key = this.#keyOf('confirm', path);
    if ((await this.#objects.head(key)) === undefined) throw this.#notFound('confirm', key);
  }

  async read(path: string, offset = 0, length?: number): Promise<Uint8Array> {
    const key = this.#keyOf('read', path);
    const bytes = await readObject(this.#objects, key, { from: offset, length });
    if (bytes === undefined) throw this.#notFound('read', key);
    return bytes;
  }

  async status(path: string): Promise<FileStatus | undefined> {
    if (path === '/') return { kind: 'directory' };
    const key = this.#keyOf('look at', path);
    const head = await this.#objects.head(key);
    if (head !== undefined) return { kind: 'file', sizeBytes: head.sizeBytes };
    const { keys, prefixes } = await this.#listing.page({ prefix: `${key}/`, limit: 1 });
    return keys.length + prefixes.length === 0 ? undefined : { kind: 'directory' };
  }

  async list(directory: string): Promise<readonly string[]> {
    const prefix = this.#prefixOf('list', directory);
    const names = new Set<string>();
    let after: string | undefined;
    do {
      const page = await this.#listing.page({ prefix, delimiter: '/', after });
      for (const key of page.keys) names.add(key.slice(prefix.length));
      for (const folded of page.prefixes) names.add(folded.slice(prefix.length, -1));
      after = page.next;
    } while (after !== undefined);
    // An object named as the directory itself is what some tools make for an empty one.
    names.delete('');
    if (directory === '/') names.delete(CONDITIONS_NAME);
    return [...names].sort();
  }

  /** There are none. */
  async makeDirectory(path: string): Promise<void> {
    this.#prefixOf('make', path);
  }

  unpublish(path: string): Promise<boolean> {
    return this.remove(path);
  }

  /** Durable. Of two that remove one file at the same time, both may hear that it was there. */
  async remove(path: string): Promise<boolean> {
    const key = this.#keyOf('remove', path);
    if ((await this.#objects.head(key)) === undefined) return false;
    await this.#objects.delete(key);
    return true;
  }

  /** With the uploads that were left behind in it. A stale listing leaves what it does not show. */
  async removeTree(directory: string): Promise<void> {
    const prefix = this.#prefixOf('remove', directory);
    const deletion = {
      client: this.#client,
      objects: this.#objects,
      listing: this.#listing,
      uploads: this.#uploads,
    };
    if (directory !== '/') await this.#objects.delete(prefix.slice(0, -1));
    await deleteUnder(deletion, prefix);
    const { orphanAfterMs = DEFAULT_ORPHAN_AFTER_MS } = this.#options;
    await abortUploadsUnder(deletion, prefix, this.#client.wallTimeMs - orphanAfterMs);
  }

  #newWriter(): string {
    return bytesToHex(this.#services.randomBytes(WRITER_BYTES));
  }

  /** EINVAL. */
  #keyOf(operation: string, path: string): string {
    const names = pathNames(operation, path);
    const key = `${this.#place.prefix}${names.join('/')}`;
    const isTooLong = utf8Of(key).length > KEY_BYTES_MAX;
    if (names.length > 0 && !isTooLong) return key;
    throw new FileSystemError(isTooLong ? 'EINVAL' : 'EISDIR', operation, path);
  }

  #prefixOf(operation: string, directory: string): string {
    return directory === '/' ? this.#place.prefix : `${this.#keyOf(operation, directory)}/`;
  }

  #notFound(operation: string, key: string): FileSystemError {
    return new FileSystemError('ENOENT', operation, this.#client.placeOf(key));
  }
}
