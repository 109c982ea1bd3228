// The client against answers that no simulated server gives, word for word: late errors, redirects,
// servers that know less, bytes that were damaged.

import test, { type ExecutionContext } from 'ava';
import { type ErrorCode, OnceproofError } from '../../core/errors.ts';
import type { HttpRequest, HttpResponse } from '../../environment/http-client.ts';
import { address } from '../../environment/network.ts';
import { LoopbackNetwork } from '../../environment/node/loopback-network.ts';
import { NodeClock } from '../../environment/node/node-clock.ts';
import { NodeFileSystem } from '../../environment/node/node-filesystem.ts';
import { nodeRandom } from '../../environment/node/node-random.ts';
import { bytesOf, fails, textOf } from '../../environment/vocabulary.contract.ts';
import { S3ArtefactStore } from './s3-artefact-store.ts';
import type { S3Options } from './s3-options.ts';

type Script = (request: HttpRequest, nth: number) => Partial<HttpResponse>;

const CREDENTIALS = { accessKeyId: 'AKID', secretAccessKey: 'secret' };
/** To the put that finds out about conditions: there already. */
const TAKEN: Partial<HttpResponse> = { status: 412 };

/** `nth` counts the requests from 1, without those that find out about conditions. */
function storeOf(script: Script, options: S3Options = {}, onProbe = TAKEN) {
  const sent: HttpRequest[] = [];
  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    const empty = { status: 200, headers: new Map<string, string>(), body: new Uint8Array(0) };
    if (request.url.includes('.onceproof-conditions'))
      return { ...empty, ...(request.url.includes('?') ? onProbedUpload(request) : onProbe) };
    sent.push(request);
    return { ...empty, ...script(request, sent.length) };
  };
  const services = {
    http: { send },
    keyValueStores: { open: () => Promise.reject(new Error('There are none')) },
    randomBytes: () => Uint8Array.of(1, 2, 3, 4),
    variable: () => undefined,
  };
  const all = { credentials: CREDENTIALS, endpoint: 'http://s3', ...options };
  const environment = {
    clock: new NodeClock(),
    network: new LoopbackNetwork().open(address('local')),
    filesystem: new NodeFileSystem(),
    random: nodeRandom(),
    services,
    expectContinuations: () => undefined,
  };
  const store = new S3ArtefactStore('s3://bucket/job', all, environment);
  return { store, sent };
}

const BEGUN =
  '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>';

function onProbedUpload({ method, url }: HttpRequest): Partial<HttpResponse> {
  if (url.includes('partNumber')) return { headers: new Map([['etag', '"e"']]) };
  if (url.endsWith('?uploads=')) return xml(200, BEGUN);
  return method === 'POST' ? TAKEN : { status: 204 };
}

function xml(status: number, text: string): Partial<HttpResponse> {
  return { status, body: bytesOf(`<?xml version="1.0"?>\n${text}`) };
}

function error(status: number, code: string): Partial<HttpResponse> {
  return xml(status, `<Error><Code>${code}</Code><Message>no</Message></Error>`);
}

async function failsWith(t: ExecutionContext, code: ErrorCode, call: Promise<unknown>) {
  t.is((await t.throwsAsync(call, { instanceOf: OnceproofError }))?.code, code);
}

test('an upload whose completion fails after its 200 is completed again', async (t) => {
  const { store, sent } = storeOf(
    ({ method, url }, nth) => {
      if (method === 'PUT') return { headers: new Map([['etag', '"e"']]) };
      if (url.endsWith('?uploads=')) return xml(200, BEGUN);
      return nth < 5 ? error(200, 'InternalError') : xml(200, '<CompleteMultipartUploadResult/>');
    },
    { partBytes: 4 },
  );
  const writer = await store.create('/a');
  await writer.write(bytesOf('12345678'));
  await writer.close();
  t.deepEqual(
    sent.map(({ method, url }) => `${method} ${url.replace('http://s3/bucket/job/', '')}`),
    [
      'POST a?uploads=',
      'PUT a?partNumber=1&uploadId=u',
      'PUT a?partNumber=2&uploadId=u',
      'POST a?uploadId=u',
      'POST a?uploadId=u',
    ],
  );
});

test('a bucket of another region, or behind a redirect, is OP-E554 at once', async (t) => {
  for (const answer of [
    error(301, 'PermanentRedirect'),
    error(400, 'AuthorizationHeaderMalformed'),
    { status: 307 },
  ]) {
    const { store, sent } = storeOf(() => answer);
    await failsWith(t, 'OP-E554', store.read('/a'));
    t.is(sent.length, 1);
  }
});

test('a body goes unsigned over TLS alone, and never without a checksum', async (t) => {
  const hashOf = async (options: S3Options, act: (store: S3ArtefactStore) => Promise<unknown>) => {
    const { store, sent } = storeOf(() => ({}), options);
    await act(store);
    const headers = sent[0]?.headers ?? {};
    t.true('x-amz-checksum-crc32c' in headers || headers['x-amz-content-sha256']?.length === 64);
    return headers['x-amz-content-sha256'];
  };
  const publish = (store: S3ArtefactStore) => store.publish('/a', bytesOf('a'));
  t.is(await hashOf({ endpoint: 'https://s3' }, publish), 'UNSIGNED-PAYLOAD');
  t.regex((await hashOf({}, publish)) ?? '', /^ca978112ca1bbdca/);
  const remove = (store: S3ArtefactStore) => store.unpublish('/a').catch(() => undefined);
  t.regex((await hashOf({ endpoint: 'https://s3' }, remove)) ?? '', /^e3b0c442/);
});

test('a server that takes no ranges gives the whole, and the part is cut out of it', async (t) => {
  const { store } = storeOf(() => ({ body: bytesOf('0123456789') }));
  t.is(textOf(await store.read('/a', 2, 3)), '234');
  t.is(textOf(await store.read('/a')), '0123456789');
});

test('bytes that do not match their checksum are read once more, then handed on', async (t) => {
  const headers = new Map([
    ['content-range', 'bytes 0-3/4'],
    ['x-amz-checksum-crc32c', ''],
  ]);
  const whole = { status: 206, headers, body: bytesOf('good') };
  const checksums: string[] = [];
  const probe = storeOf(({ headers: sent }) => {
    checksums.push(sent?.['x-amz-checksum-crc32c'] ?? '');
    return {};
  });
  await probe.store.publish('/a', bytesOf('good'));
  headers.set('x-amz-checksum-crc32c', checksums[0] ?? '');
  const bad = { ...whole, body: bytesOf('baad') };
  const healed = storeOf((_, nth) => (nth === 1 ? bad : whole));
  t.is(textOf(await healed.store.read('/a')), 'good');
  t.is(healed.sent.length, 2);
  const broken = storeOf(() => bad);
  t.is(textOf(await broken.store.read('/a')), 'baad');
  t.is(broken.sent.length, 2);
});

test('an answer of another range than was asked for is not taken', async (t) => {
  for (const range of ['bytes 1-4/5', 'bytes 0-2/4', 'bytes 0-3', '']) {
    const headers = new Map([['content-range', range]]);
    const { store } = storeOf(() => ({ status: 206, headers, body: bytesOf('good') }));
    await fails(t, 'EIO', store.read('/a'));
  }
});

test('half a listing, and a page without a way to the next, are EIO', async (t) => {
  const start = '<ListBucketResult><IsTruncated>';
  const bodies = [`${start}false</IsTruncated>`, `${start}true</IsTruncated></ListBucketResult>`];
  for (const body of [...bodies, '']) {
    const { store } = storeOf(() => xml(200, body));
    await fails(t, 'EIO', store.list('/'));
  }
});

test('an error among many deletions is not overlooked', async (t) => {
  const listing = '<ListBucketResult><Contents><Key>job/d/a</Key></Contents></ListBucketResult>';
  const denied =
    '<DeleteResult><Error><Key>job/d/a</Key><Code>AccessDenied</Code></Error></DeleteResult>';
  const { store } = storeOf(({ method }) =>
    method === 'POST' ? xml(200, denied) : xml(200, method === 'GET' ? listing : '<x/>'),
  );
  await fails(t, 'EACCES', store.removeTree('/d'));
});

test('a server that has never heard of conditions is OP-E552', async (t) => {
  const { store, sent } = storeOf(() => ({}), {}, error(501, 'NotImplemented'));
  await failsWith(t, 'OP-E552', store.create('/a'));
  t.is(sent.length, 0);
});
