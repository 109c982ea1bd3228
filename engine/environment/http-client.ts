// HTTP as the engine's clients of foreign services need it: one request, one whole answer. No
// redirects, no retries, no cookies: the clients decide, the same way in both worlds. Nothing here
// survives a crash of the host; what a lost request has done at the server is unknown.

/** Longest wait for somebody to take the request: then it is 'refused'. */
export const HTTP_CONNECT_TIMEOUT_MS = 10_000;

/** Where a request does not say. */
export const HTTP_TIMEOUT_MS = 30_000;

export type HttpMethod = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';

export interface HttpRequest {
  readonly method: HttpMethod;
  /** Absolute: `http://host:port/path?query`, percent-encoded. `https` in the real world only. */
  readonly url: string;
  /** Names in lower case. `host` and `content-length` are added where they are missing. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** From sending to the last byte of the answer. */
  readonly timeoutMs?: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; a repeated header has its values joined by ', '. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/**
 * 'refused': nobody took the request, so it has certainly not been carried out. 'lost': it was
 * sent, and the connection broke or the time ran out: it may have been carried out.
 */
export type HttpFailure = 'refused' | 'lost';

export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly failure: HttpFailure;
  readonly url: string;

  constructor(failure: HttpFailure, request: Pick<HttpRequest, 'method' | 'url'>, cause?: unknown) {
    const what = failure === 'refused' ? 'nobody answers' : 'the answer was lost';
    super(
      `Cannot ${request.method} ${request.url}: ${what}`,
      cause === undefined ? undefined : { cause },
    );
    this.failure = failure;
    this.url = request.url;
  }
}

export interface HttpClient {
  /** Any status resolves. Rejects with HttpError alone. */
  send(request: HttpRequest): Promise<HttpResponse>;
}
