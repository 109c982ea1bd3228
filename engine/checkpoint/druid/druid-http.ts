// Requests to Druid, repeated while it cannot be reached or is busy. Every request made through it
// must be one that may be carried out twice. What stays without an answer is a FileSystemError, so
// that nobody takes it for a verdict.

import { delay } from '../../environment/delay.ts';
import type { Environment } from '../../environment/environment.ts';
import { servicesOf } from '../../environment/foreign-services.ts';
import {
  type HttpClient,
  HttpError,
  type HttpMethod,
  type HttpResponse,
} from '../../environment/http-client.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import type { Random } from '../../environment/random.ts';
import { type DruidSettings, unreachable } from './druid-options.ts';
import { base64Of, textOfUtf8, utf8Of } from '../../stream/text-bytes.ts';

export interface DruidRequest {
  readonly method: HttpMethod;
  readonly url: string;
  /** JSON. */
  readonly body?: string;
  /** For errors: 'submit a task'. */
  readonly operation: string;
}

export interface DruidAnswer {
  readonly status: number;
  readonly text: string;
  /** Undefined where the text is no JSON. */
  readonly json: unknown;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
/**
 * Busy, restarting, or a proxy before them that finds nobody; 500 is how Druid says all of these.
 */
const TRANSIENT = [429, 500, 502, 503, 504];

export class DruidHttp {
  readonly #environment: Environment;
  readonly #http: HttpClient;
  readonly #random: Random;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #retryForMs: number;

  constructor(environment: Environment, settings: DruidSettings) {
    this.#environment = environment;
    this.#http = servicesOf(environment).http;
    this.#random = environment.random.fork('druid');
    this.#timeoutMs = settings.requestTimeoutMs;
    this.#retryForMs = settings.retryForMs;
    const { user } = settings;
    this.#headers = {
      accept: 'application/json',
      'content-type': 'application/json',
      ...(user && { authorization: `Basic ${base64Of(utf8Of(`${user.name}:${user.password}`))}` }),
    };
  }

  get nowMs(): number {
    return this.#environment.clock.now();
  }

  /** Differs between any two calls of any two processes, as far as chance and time go. */
  token(): string {
    const { clock } = this.#environment;
    const draws = [this.#random.below(2 ** 32), this.#random.below(2 ** 32)];
    return [clock.wallTime(), ...draws].map((part) => part.toString(36)).join('-');
  }

  /** Any answer that is not a passing one. EIO after all attempts; EACCES where we may not. */
  async send(request: DruidRequest): Promise<DruidAnswer> {
    const deadlineMs = this.nowMs + this.#retryForMs;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(request);
      if (!(outcome instanceof Error)) return outcome;
      const waitMs = this.#waitMs(attempt);
      if (this.nowMs + waitMs > deadlineMs) {
        throw unreachable(request.operation, request.url, outcome);
      }
      await this.pause(waitMs);
    }
  }

  pause(waitMs: number): Promise<void> {
    return delay(this.#environment, waitMs);
  }

  /** An Error is worth another attempt. */
  async #attempt({ method, url, body, operation }: DruidRequest): Promise<DruidAnswer | Error> {
    let response: HttpResponse;
    try {
      response = await this.#http.send({
        method,
        url,
        headers: this.#headers,
        timeoutMs: this.#timeoutMs,
        ...(body !== undefined && { body: utf8Of(body) }),
      });
    } catch (error) {
      if (error instanceof HttpError) return error;
      throw error;
    }
    const { status } = response;
    const text = textOfUtf8(response.body);
    if (status === 401 || status === 403) throw new FileSystemError('EACCES', operation, url);
    // What Druid refuses it says something about; an empty answer is from a process that ends.
    const isBroken = text === undefined || (status >= 300 && text.trim() === '');
    if (isBroken || TRANSIENT.includes(status)) {
      return new Error(`Cannot ${operation}: Druid answered ${status} ${text ?? 'in no UTF-8'}`);
    }
    return { status, text, json: jsonOf(text) };
  }

  #waitMs(attempt: number): number {
    const longest = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_WAIT_MS);
    const half = Math.floor(longest / 2);
    return half + this.#random.below(half + 1);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
