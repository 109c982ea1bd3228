// What every HttpClient must do, against a server that answers by `echo` in both worlds.

import test, { type ExecutionContext } from 'ava';

import {
  type HttpClient,
  HttpError,
  type HttpFailure,
  type HttpMethod,
  type HttpRequest,
  type HttpResponse,
} from './http-client.ts';
import { bytesOf, textOf } from './vocabulary.contract.ts';

export interface HttpBench {
  readonly client: HttpClient;
  /** Without a slash at the end: of a server that answers by `echo`. */
  readonly echoUrl: string;
  /** Of servers that take requests and never answer, break off in the middle, do not exist. */
  readonly silentUrl: string;
  readonly brokenUrl: string;
  readonly refusedUrl: string;
  /** Requests that the server at `brokenUrl` has taken. */
  readonly brokenCount: () => number;
  /** Lets the world go on until the promise is settled. */
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
}

/** `/status/N` has that status; `/large/N` that many bytes; all else is the request, in JSON. */
export function echo(request: HttpRequest): HttpResponse {
  const [, what, number = ''] = new URL(request.url).pathname.split('/');
  const headers = new Map([['x-echo', 'yes']]);
  const seen = request.headers ?? {};
  if (request.method === 'HEAD') {
    headers.set('content-length', number);
    return { status: 200, headers, body: new Uint8Array() };
  }
  if (what === 'status') {
    headers.set('location', 'http://elsewhere:1/');
    return { status: Number(number), headers, body: new Uint8Array() };
  }
  if (what === 'large') return { status: 200, headers, body: patternOf(Number(number)) };
  if (what === 'body') return { status: 200, headers, body: request.body ?? new Uint8Array() };
  headers.set('content-type', 'application/json');
  const { pathname, search } = new URL(request.url);
  const report = { method: request.method, path: pathname + search, asked: seen['x-asked'] };
  return { status: 200, headers, body: bytesOf(JSON.stringify(report)) };
}

export function httpClientContract(
  name: string,
  open: (t: ExecutionContext) => Promise<HttpBench>,
): void {
  requestContract(name, open);
  failureContract(name, open);
}

type Open = (t: ExecutionContext) => Promise<HttpBench>;

function requestContract(name: string, open: Open): void {
  test(`${name}: method, path, query and headers arrive, and the answer's come back`, async (t) => {
    const { client, echoUrl, settle } = await open(t);
    for (const method of ['GET', 'PUT', 'POST', 'DELETE'] as const) {
      const url = `${echoUrl}/a%20b/%C3%A4?x=%2F&y`;
      const request = { method, url, headers: { 'x-asked': `by ${method}` } };
      const { status, headers, body } = await settle(client.send(request));
      t.is(status, 200);
      t.is(headers.get('x-echo'), 'yes');
      const path = '/a%20b/%C3%A4?x=%2F&y';
      t.deepEqual(JSON.parse(textOf(body)), { method, path, asked: `by ${method}` });
    }
    const head = await settle(client.send({ method: 'HEAD', url: `${echoUrl}/large/100` }));
    t.is(head.body.length, 0);
    t.is(head.headers.get('content-length'), '100');
  });

  test(`${name}: every status resolves, and a redirect is not followed`, async (t) => {
    const { client, echoUrl, settle } = await open(t);
    for (const status of [201, 204, 301, 304, 307, 308, 400, 403, 404, 412, 429, 500, 503]) {
      const url = `${echoUrl}/status/${status}`;
      const response = await settle(client.send({ method: 'PUT', url, body: bytesOf('x') }));
      t.is(response.status, status);
      t.is(response.headers.get('location'), 'http://elsewhere:1/');
    }
  });

  test(`${name}: bodies of any bytes and size arrive unaltered, in both directions`, async (t) => {
    const { client, echoUrl, settle } = await open(t);
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (const body of [new Uint8Array(), all, patternOf(5 * 1024 * 1024)]) {
      const sent = client.send({ method: 'POST', url: `${echoUrl}/body`, body });
      const back = (await settle(sent)).body;
      t.true(isEqual(back, body), `${back.length} of ${body.length} bytes`);
    }
    const { body } = await settle(client.send({ method: 'GET', url: `${echoUrl}/large/3000000` }));
    t.true(isEqual(body, patternOf(3_000_000)));
  });

  test(`${name}: many requests at once each get their own answer`, async (t) => {
    const { client, echoUrl, settle } = await open(t);
    const sent = Array.from({ length: 20 }, (_, index) =>
      client.send({ method: 'PUT', url: `${echoUrl}/body`, body: bytesOf(`request ${index}`) }),
    );
    const texts = (await settle(Promise.all(sent))).map(({ body }) => textOf(body));
    t.deepEqual(
      texts,
      sent.map((_, index) => `request ${index}`),
    );
  });
}

function failureContract(name: string, open: Open): void {
  test(`${name}: where nobody listens, a request is refused`, async (t) => {
    const bench = await open(t);
    await rejects(t, bench, 'refused', { method: 'PUT', url: `${bench.refusedUrl}/x` });
  });

  test(`${name}: a URL that leads nowhere is refused`, async (t) => {
    const bench = await open(t);
    await rejects(t, bench, 'refused', { method: 'GET', url: 'ftp://host/x' });
    await rejects(t, bench, 'refused', { method: 'GET', url: 'nonsense' });
  });

  test(`${name}: an answer that does not come in time is lost`, async (t) => {
    const bench = await open(t);
    await rejects(t, bench, 'lost', { method: 'GET', url: `${bench.silentUrl}/x`, timeoutMs: 300 });
  });

  test(`${name}: an answer that breaks off is lost, and is not asked for again`, async (t) => {
    const bench = await open(t);
    for (const method of ['GET', 'POST'] satisfies readonly HttpMethod[]) {
      await rejects(t, bench, 'lost', { method, url: `${bench.brokenUrl}/x` });
    }
    t.is(bench.brokenCount(), 2);
  });
}

async function rejects(
  t: ExecutionContext,
  { client, settle }: HttpBench,
  failure: HttpFailure,
  request: HttpRequest,
): Promise<void> {
  const error = await t.throwsAsync(settle(client.send(request)), { instanceOf: HttpError });
  t.is(error?.failure, failure, String(error?.cause));
  t.is(error?.url, request.url);
}

function patternOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >>> 8)) & 0xff);
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
