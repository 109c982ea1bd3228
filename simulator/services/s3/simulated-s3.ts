// An S3 server on one host and its disk: signed requests, conditional puts, multipart uploads,
// listings in pages. What it has answered yes to survives its crashes. Stronger than it has to be:
// reads are never stale. Does not model: versions, access rules, encryption, lifecycle, regions
// that redirect.

import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Environment } from '../../../engine/environment/environment.ts';
import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import type { HttpRequest, HttpResponse } from '../../../engine/environment/http-client.ts';
import type { HttpErrorAnswer, HttpService } from '../http-service.ts';
import { type ListingHandling, listObjects, listUploads } from './listing-handlers.ts';
import { ListingView } from './listing-view.ts';
import { httpDate } from './moments.ts';
import {
  deleteObjects,
  getObject,
  headObject,
  type KeyedRequest,
  putObject,
} from './object-handlers.ts';
import { ObjectStore } from './object-store.ts';
import { RateLimit } from './rate-limit.ts';
import { emptyAnswer, refusal } from './s3-answers.ts';
import { readRequest, type S3Request } from './s3-request.ts';
import { objectionTo, type SimulatedS3Key } from './signature-check.ts';
import {
  abortUpload,
  beginUpload,
  completeUpload,
  putPart,
  type UploadHandling,
} from './upload-handlers.ts';

export interface SimulatedS3Options {
  readonly buckets: readonly string[];
  /** Whose requests are taken. */
  readonly keys: readonly SimulatedS3Key[];
  /** Default us-east-1. */
  readonly region?: string;
  /** Of every part of an upload but the last. Default 5 MiB, as AWS has it. */
  readonly minPartBytes?: number;
  /** Entries of a listing that are answered at once, at most. Default 1000. */
  readonly pageSize?: number;
  /** How long a change may be missing from listings. Default 0. */
  readonly listingStaleMs?: number;
  /** Beyond it: SlowDown. Default: no limit. */
  readonly requestsPerSecond?: number;
  /** False: If-None-Match is ignored, as by servers that do not know it. Default true. */
  readonly knowsConditions?: boolean;
}

const KEY_BYTES_MAX = 1024;
const MIN_PART_BYTES = 5 * 1024 * 1024;

export class SimulatedS3 implements HttpService {
  readonly #environment: Environment;
  readonly #options: SimulatedS3Options;
  readonly #buckets: ReadonlySet<string>;
  readonly #handling: UploadHandling & ListingHandling;
  readonly #rateLimit: RateLimit;

  /** Reads what earlier lives have left on the host's disk. */
  static async open(environment: Environment, options: SimulatedS3Options): Promise<SimulatedS3> {
    const { clock, filesystem, random } = environment;
    const view = new ListingView({
      clock,
      random: random.fork('s3-listings'),
      staleMs: options.listingStaleMs ?? 0,
    });
    const store = new ObjectStore({
      filesystem,
      changed: (name, before) => view.changed(name, before),
    });
    view.showing(store);
    await store.load();
    return new SimulatedS3(environment, options, { store, view });
  }

  private constructor(
    environment: Environment,
    options: SimulatedS3Options,
    { store, view }: { readonly store: ObjectStore; readonly view: ListingView },
  ) {
    const { clock, random } = environment;
    this.#environment = environment;
    this.#options = options;
    this.#buckets = new Set(options.buckets);
    this.#rateLimit = new RateLimit(clock, options.requestsPerSecond);
    this.#handling = {
      store,
      view,
      clock,
      ids: random.fork('s3-uploads'),
      knowsConditions: options.knowsConditions ?? true,
      minPartBytes: options.minPartBytes ?? MIN_PART_BYTES,
      pageSize: options.pageSize ?? 1000,
    };
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const answer = await this.#answer(request);
    // The code of an error is in the body, and HEAD never has one.
    const body = request.method === 'HEAD' ? new Uint8Array(0) : answer.body;
    return { ...answer, body, headers: new Map([...answer.headers, this.#dateHeader()]) };
  }

  refuse(answer: HttpErrorAnswer): HttpResponse {
    const refused = refusal(answer === 'server-error' ? 'InternalError' : 'SlowDown');
    return { ...refused, headers: new Map([...refused.headers, this.#dateHeader()]) };
  }

  #dateHeader(): readonly [string, string] {
    return ['date', httpDate(this.#environment.clock.wallTime())];
  }

  async #answer(request: HttpRequest): Promise<HttpResponse> {
    if (!this.#rateLimit.admits()) return refusal('SlowDown');
    const s3Request = readRequest(request, this.#buckets);
    if (s3Request === undefined) return refusal('InvalidURI');
    const { keys, region = 'us-east-1' } = this.#options;
    const wallTimeMs = this.#environment.clock.wallTime();
    const objection = objectionTo(s3Request, { keys, region, wallTimeMs });
    if (objection !== undefined) return objection;
    if (!this.#buckets.has(s3Request.bucket)) return refusal('NoSuchBucket');
    try {
      return await this.#carryOut(s3Request);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      return refusal(error.code === 'ENOSPC' ? 'XMinioStorageFull' : 'InternalError');
    }
  }

  #carryOut(request: S3Request): Promise<HttpResponse> | HttpResponse {
    const { key } = request;
    if (key === undefined) return this.#onBucket(request);
    if (utf8ToBytes(key).length > KEY_BYTES_MAX) {
      return refusal('KeyTooLongError');
    }
    const isUpload = request.query.has('uploadId') || request.query.has('uploads');
    return isUpload ? this.#onUpload({ ...request, key }) : this.#onObject({ ...request, key });
  }

  #onBucket(request: S3Request): Promise<HttpResponse> | HttpResponse {
    const { method, query } = request;
    if (method === 'HEAD') return emptyAnswer(200);
    if (method === 'POST' && query.has('delete')) return deleteObjects(this.#handling, request);
    if (method !== 'GET') return refusal('MethodNotAllowed');
    return query.has('uploads')
      ? listUploads(this.#handling, request)
      : listObjects(this.#handling, request);
  }

  #onUpload(request: KeyedRequest): Promise<HttpResponse> | HttpResponse {
    switch (request.method) {
      case 'POST':
        return request.query.has('uploads')
          ? beginUpload(this.#handling, request)
          : completeUpload(this.#handling, request);
      case 'PUT':
        return putPart(this.#handling, request);
      case 'DELETE':
        return abortUpload(this.#handling, request);
      case 'GET':
      case 'HEAD':
        return refusal('NotImplemented');
    }
  }

  async #onObject(request: KeyedRequest): Promise<HttpResponse> {
    switch (request.method) {
      case 'GET':
        return getObject(this.#handling, request);
      case 'HEAD':
        return headObject(this.#handling, request);
      case 'PUT':
        return putObject(this.#handling, request);
      case 'DELETE':
        await this.#handling.store.delete(request.bucket, request.key);
        return emptyAnswer(204);
      case 'POST':
        return refusal('MethodNotAllowed');
    }
  }
}
