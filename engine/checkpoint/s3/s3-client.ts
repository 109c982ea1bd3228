// Sends one signed request to S3 until an answer counts: bounded attempts with growing, random
// waits. Says whether an earlier attempt may have been carried out, because then a refusal can be
// the echo of the request's own success. Knows nothing of objects; follows no redirects.

import { sometimes } from '../../core/sometimes.ts';
import { delay } from '../../environment/delay.ts';
import type { Environment } from '../../environment/environment.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import { servicesOf } from '../../environment/foreign-services.ts';
import {
  HttpError,
  type HttpClient,
  type HttpMethod,
  type HttpResponse,
} from '../../environment/http-client.ts';
import type { CredentialChain } from './credential-chain.ts';
import { parseHttpDate } from './s3-dates.ts';
import { misplaced, s3ErrorIn, unexpected, verdictOn, type S3Error } from './s3-failures.ts';
import { requestPath, type S3Target } from './s3-options.ts';
import { canonicalQuery, signRequest } from './signature-v4.ts';

export interface S3Call {
  /** For people: what failed, if it does. */
  readonly operation: string;
  readonly method: HttpMethod;
  /** Undefined for what concerns the bucket. */
  readonly key?: string;
  readonly query?: readonly (readonly [name: string, value: string])[];
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array;
}

export interface S3Answer extends HttpResponse {
  /** Of an answer that is no success. */
  readonly error: S3Error | undefined;
  /** An earlier attempt of this call may have been carried out. */
  readonly isRepeated: boolean;
}

export interface S3ClientOptions {
  readonly environment: Environment;
  readonly target: S3Target;
  readonly credentials: CredentialChain;
  readonly attempts: number;
  readonly requestTimeoutMs: number;
}

interface Refusal {
  readonly failure: Error;
  readonly mayHaveRun: boolean;
  readonly isImmediate: boolean;
}

type Attempt =
  | { readonly kind: 'answer'; readonly response: HttpResponse; readonly error?: S3Error }
  | ({ readonly kind: 'again' } & Refusal);

const EMPTY = new Uint8Array(0);
const CHECKSUM_HEADER = 'x-amz-checksum-crc32c';
/** Servers take what is off by up to a quarter of an hour. */
const HEAD_SKEW_MS = 5 * 60_000;
/** Doubles with each attempt, halved at most by chance: six attempts wait 3 s in all. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;

export class S3Client {
  readonly #options: S3ClientOptions;
  readonly #http: HttpClient;
  /** What the server's clock is ahead of ours, once it has objected. */
  #clockAheadMs = 0;

  constructor(options: S3ClientOptions) {
    this.#options = options;
    this.#http = servicesOf(options.environment).http;
  }

  /** As the server tells it, as far as it has been heard to differ. */
  get wallTimeMs(): number {
    return this.#options.environment.clock.wallTime() + this.#clockAheadMs;
  }

  placeOf(key: string | undefined): string {
    return `s3://${this.#options.target.bucket}/${key ?? ''}`;
  }

  /**
   * Resolves with a success or with a refusal that the caller has to read. EIO if the attempts are
   * used up, EACCES if S3 denies it, OP-E551 to OP-E554 for what the settings have wrong.
   */
  async send(call: S3Call): Promise<S3Answer> {
    let isRepeated = false;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(call, attempt);
      if (outcome.kind === 'answer') {
        const { response, error } = outcome;
        return { ...response, error, isRepeated };
      }
      isRepeated ||= outcome.mayHaveRun;
      if (attempt >= this.#options.attempts) throw outcome.failure;
      if (!outcome.isImmediate) await this.#pause(attempt);
    }
  }

  async #attempt(call: S3Call, attempt: number): Promise<Attempt> {
    let response: HttpResponse;
    try {
      response = await this.#exchange(call);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      sometimes(error.failure === 'lost', 'an answer of S3 is lost');
      const failure = new FileSystemError('EIO', call.operation, this.placeOf(call.key), error);
      return again(failure, { mayHaveRun: error.failure === 'lost' });
    }
    return this.#judge(call, response, attempt);
  }

  #judge(call: S3Call, response: HttpResponse, attempt: number): Attempt {
    const error = s3ErrorIn(response);
    const verdict = verdictOn(error);
    if (error === undefined) return { kind: 'answer', response };
    const place = this.placeOf(call.key);
    const failure = unexpected(call.operation, place, error);
    switch (verdict) {
      case 'counts':
        return { kind: 'answer', response, error };
      case 'again':
        sometimes(error.code === 'SlowDown', 'S3 asks to slow down');
        // It may say so of something that it has half done, or will yet do.
        return again(failure, { mayHaveRun: true });
      case 'skewed':
        return again(failure, { isImmediate: this.#adoptDateOf(response) });
      case 'expired':
        this.#options.credentials.forget();
        return again(failure, { isImmediate: attempt === 1 });
      case 'denied':
        // The answer to a HEAD cannot say why; a clock that is far off is a reason.
        if (call.method !== 'HEAD' || !this.#adoptDateOf(response, HEAD_SKEW_MS)) throw failure;
        return again(new FileSystemError('EIO', call.operation, place, error), {
          isImmediate: true,
        });
      case 'lost':
      case 'elsewhere':
        throw misplaced(verdict, place, error);
    }
  }

  /** False if it is what we went by already: the server means something else then. */
  #adoptDateOf({ headers }: HttpResponse, fromMs = 1000): boolean {
    const date = parseHttpDate(headers.get('date') ?? '');
    if (date === undefined || Math.abs(date - this.wallTimeMs) < fromMs) return false;
    sometimes(true, 'S3 corrects the clock of its client');
    this.#clockAheadMs = date - this.#options.environment.clock.wallTime();
    return true;
  }

  async #exchange(call: S3Call): Promise<HttpResponse> {
    const { target, requestTimeoutMs } = this.#options;
    const { method, key, query = [], body = EMPTY } = call;
    const path = requestPath(target, key);
    const headers = new Map([['host', target.host], ...(call.headers ?? [])]);
    const credentials = await this.#options.credentials.credentials();
    // A tenth of the hash's cost, and the way of AWS's own clients: the signature covers a checksum
    // that the server verifies, and TLS what is between.
    const isHashed = !target.origin.startsWith('https:') || !headers.has(CHECKSUM_HEADER);
    const signed = signRequest(
      { method, path, query, headers, body: isHashed ? body : undefined },
      { credentials, region: target.region, wallTimeMs: this.wallTimeMs },
    );
    return this.#http.send({
      method,
      url: `${target.origin}${path}${query.length === 0 ? '' : `?${canonicalQuery(query)}`}`,
      headers: Object.fromEntries(signed),
      timeoutMs: requestTimeoutMs,
      ...(call.body === undefined ? {} : { body }),
    });
  }

  #pause(attempt: number): Promise<void> {
    const { environment } = this.#options;
    const longest = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
    const half = Math.floor(longest / 2);
    const waitMs = half + environment.random.below(half + 1);
    return delay(environment, waitMs);
  }
}

function again(
  failure: Error,
  { mayHaveRun = false, isImmediate = false }: { mayHaveRun?: boolean; isImmediate?: boolean },
): Attempt {
  return { kind: 'again', failure, mayHaveRun, isImmediate };
}
