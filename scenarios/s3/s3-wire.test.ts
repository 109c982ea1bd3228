// The simulated server's answers, code by code, as the engine's client reads them; and what any key
// and any bytes become on the way there and back.

import fc from 'fast-check';
import test, { type ExecutionContext } from 'ava';
import { CredentialChain } from '../../engine/checkpoint/s3/credential-chain.ts';
import { type S3Answer, type S3Call, S3Client } from '../../engine/checkpoint/s3/s3-client.ts';
import { S3Listing } from '../../engine/checkpoint/s3/s3-listing.ts';
import { s3TargetOf } from '../../engine/checkpoint/s3/s3-options.ts';
import { S3Uploads, type UploadedPart } from '../../engine/checkpoint/s3/s3-uploads.ts';
import { FileSystemError } from '../../engine/environment/filesystem.ts';
import type { HttpRequest } from '../../engine/environment/http-client.ts';
import { pathNames } from '../../engine/environment/path.ts';
import { bytesOf } from '../../engine/environment/vocabulary.contract.ts';
import { S3_KEY, S3_PART_BYTES, type S3World, startS3World } from './s3-world.ts';

function clientOf({ environment }: S3World): S3Client {
  const { filesystem, clock, services } = environment();
  if (services === undefined) throw new Error('Cannot send: there are no services');
  const variable = () => undefined;
  const sources = { variable, filesystem, clock, http: services.http };
  return new S3Client({
    environment: environment(),
    target: s3TargetOf('bucket', { endpoint: 'http://s3' }, variable),
    credentials: new CredentialChain({ explicit: S3_KEY, ...sources }),
    attempts: 1,
    requestTimeoutMs: 5000,
  });
}

async function open(): Promise<{
  send: (call: Omit<S3Call, 'operation'>) => Promise<S3Answer>;
  s3: S3World;
  client: S3Client;
}> {
  const s3 = await startS3World();
  const client = clientOf(s3);
  return { s3, client, send: (call) => s3.settle(client.send({ operation: 'try', ...call })) };
}

function refuses(t: ExecutionContext, answer: S3Answer, status: number, code: string): void {
  t.is(answer.status, status);
  t.is(answer.error?.code, code);
}

const PUT = { method: 'PUT', key: 'a', body: bytesOf('a') } as const;

test('what is not there is told apart: keys, uploads, ranges', async (t) => {
  const { send } = await open();
  refuses(t, await send({ method: 'GET', key: 'a' }), 404, 'NoSuchKey');
  t.is((await send({ method: 'HEAD', key: 'a' })).status, 404);
  t.is((await send({ method: 'DELETE', key: 'a' })).status, 204);
  const query = [['uploadId', 'x']] as const;
  refuses(t, await send({ method: 'DELETE', key: 'a', query }), 404, 'NoSuchUpload');
  const part = [...query, ['partNumber', '1']] as const;
  refuses(t, await send({ ...PUT, query: part }), 404, 'NoSuchUpload');
  t.is((await send(PUT)).status, 200);
  const beyond = [['range', 'bytes=1-']] as const;
  refuses(t, await send({ method: 'GET', key: 'a', headers: beyond }), 416, 'InvalidRange');
});

test('a put on the condition that there is none succeeds once', async (t) => {
  const { send } = await open();
  const headers = [['if-none-match', '*']] as const;
  t.is((await send({ ...PUT, headers })).status, 200);
  refuses(t, await send({ ...PUT, headers }), 412, 'PreconditionFailed');
  t.is((await send(PUT)).status, 200);
  t.is((await send({ method: 'DELETE', key: 'a' })).status, 204);
  t.is((await send({ ...PUT, headers })).status, 200);
});

test('bytes that are not what their checksum says are not taken', async (t) => {
  const { send } = await open();
  for (const name of ['x-amz-checksum-crc32c', 'content-md5']) {
    refuses(t, await send({ ...PUT, headers: [[name, 'AAAAAA==']] }), 400, 'BadDigest');
  }
  refuses(t, await send({ method: 'GET', key: 'a' }), 404, 'NoSuchKey');
  const key = 'k'.repeat(1025);
  refuses(t, await send({ ...PUT, key }), 400, 'KeyTooLongError');
});

test('what changes on the way does not match its signature', async (t) => {
  const { s3, send } = await open();
  t.is((await send(PUT)).status, 200);
  const changes: readonly ((request: HttpRequest) => HttpRequest)[] = [
    (request) => ({ ...request, url: request.url.replace(/a$/, 'b') }),
    (request) => ({ ...request, url: `${request.url}?uploads=` }),
    (request) => ({ ...request, method: 'GET' }),
    (request) => ({ ...request, body: bytesOf('b') }),
    (request) => ({ ...request, headers: { ...request.headers, 'x-amz-meta-new': 'b' } }),
    (request) => ({
      ...request,
      headers: { ...request.headers, 'x-amz-date': '20200913T122700Z' },
    }),
  ];
  for (const change of changes) {
    const tampered: S3World = {
      ...s3,
      environment: () => {
        const environment = s3.environment();
        const { services } = environment;
        if (services === undefined) throw new Error('Cannot tamper: there are no services');
        const send = (request: HttpRequest) => services.http.send(change(request));
        return { ...environment, services: { ...services, http: { send } } };
      },
    };
    const call = { operation: 'try', ...PUT };
    const error = await t.throwsAsync(
      s3.settle(clientOf(tampered).send(call).then(requireRefusal)),
      { instanceOf: FileSystemError },
    );
    t.regex(String(error?.cause), /SignatureDoesNotMatch|AccessDenied|SHA256Mismatch/);
  }
});

/** A body of another hash is a 400, which the client leaves to its caller. */
function requireRefusal({ error, status }: S3Answer): void {
  if (error !== undefined) throw new FileSystemError('EIO', 'try', String(status), error);
}

test('an upload is completed from parts that are there, large enough and in order', async (t) => {
  const { s3, client, send } = await open();
  const uploads = new S3Uploads(client);
  const upload = await s3.settle(uploads.begin('a', 'me'));
  const parts: UploadedPart[] = [];
  for (const [index, size] of [S3_PART_BYTES, S3_PART_BYTES - 1, 1].entries()) {
    parts.push(await s3.settle(uploads.putPart(upload, index + 1, bytesOf('x'.repeat(size)))));
  }
  const complete = (listed: readonly Pick<UploadedPart, 'number' | 'etag'>[]) => {
    const items = listed.map(
      ({ number, etag }) =>
        `<Part><PartNumber>${number}</PartNumber>` +
        `<ETag>${etag.replaceAll('"', '&quot;')}</ETag></Part>`,
    );
    const text = `<CompleteMultipartUpload>${items.join('')}</CompleteMultipartUpload>`;
    const query = [['uploadId', upload.id]] as const;
    return send({ method: 'POST', key: 'a', query, body: bytesOf(text) });
  };
  const [first, second, third] = parts;
  if (first === undefined || second === undefined || third === undefined) return t.fail();
  refuses(t, await complete([first, second, third]), 400, 'EntityTooSmall');
  refuses(t, await complete([second, first]), 400, 'InvalidPartOrder');
  refuses(t, await complete([first, { number: 3, etag: '"other"' }]), 400, 'InvalidPart');
  refuses(t, await complete([first, { number: 4, etag: third.etag }]), 400, 'InvalidPart');
  refuses(t, await complete([]), 400, 'MalformedXML');
  refuses(t, await send({ method: 'GET', key: 'a' }), 404, 'NoSuchKey');
  t.is((await complete([first, third])).status, 200);
  t.is((await send({ method: 'GET', key: 'a' })).body.length, S3_PART_BYTES + 1);
  refuses(t, await complete([first, third]), 404, 'NoSuchUpload');
});

const names = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    fc.constantFrom('%2F', '+', '?'),
  )
  .filter((name) => !name.includes('/') && isName(name));

function isName(name: string): boolean {
  try {
    return pathNames('try', `/${name}`).length === 1;
  } catch {
    return false;
  }
}

test('any name keeps any bytes, and is listed, ranged and deleted as what it is', async (t) => {
  const files = fc.uniqueArray(fc.tuple(names, fc.uint8Array({ maxLength: 3 * S3_PART_BYTES })), {
    selector: ([name]) => name,
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(files, fc.nat(), async (entries, draw) => {
      const { settle, store: open, ...s3 } = await startS3World();
      const store = open();
      for (const [name, bytes] of entries) {
        const writer = await settle(store.create(`/d/${name}`));
        await settle(writer.write(bytes));
        await settle(writer.close());
      }
      t.deepEqual(await settle(store.list('/d')), entries.map(([name]) => name).sort());
      for (const [name, bytes] of entries) {
        t.deepEqual(await settle(store.read(`/d/${name}`)), bytes);
        const from = draw % (bytes.length + 1);
        t.deepEqual(await settle(store.read(`/d/${name}`, from, 9)), bytes.slice(from, from + 9));
      }
      const listing = new S3Listing(clientOf({ settle, store: open, ...s3 }));
      const page = await settle(listing.page({ prefix: 'flights/d/' }));
      const byBytes = entries.map(([name]) => Buffer.from(`flights/d/${name}`));
      byBytes.sort((left, right) => Buffer.compare(left, right));
      t.deepEqual(page.keys, byBytes.slice(0, 7).map(String));
      await settle(store.removeTree('/d'));
      t.deepEqual(await settle(store.list('/d')), []);
    }),
    { numRuns: 20 },
  );
});
