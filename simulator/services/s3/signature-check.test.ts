// The server's check against requests whose signatures AWS publishes.

import test from 'ava';
import type { HttpRequest } from '../../../engine/environment/http-client.ts';
import { bytesOf } from '../../../engine/environment/vocabulary.contract.ts';
import { readRequest } from './s3-request.ts';
import { objectionTo } from './signature-check.ts';
import { decodeUtf8 } from './text.ts';

const KEY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
/** 2013-05-24T00:00:00Z */
const SIGNED_AT_MS = 1_369_353_600_000;
const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function authorization(signedHeaders: string, signature: string): string {
  const scope = '20130524/us-east-1/s3/aws4_request';
  const credential = `Credential=${KEY.accessKeyId}/${scope}`;
  return `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}

const COMMON = { 'x-amz-content-sha256': EMPTY_HASH, 'x-amz-date': '20130524T000000Z' };
const HOST = 'http://examplebucket.s3.amazonaws.com';
const GET: HttpRequest = {
  method: 'GET',
  url: `${HOST}/test.txt`,
  headers: {
    ...COMMON,
    range: 'bytes=0-9',
    authorization: authorization(
      'host;range;x-amz-content-sha256;x-amz-date',
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ),
  },
};
const PUT: HttpRequest = {
  method: 'PUT',
  url: `${HOST}/test%24file.text`,
  headers: {
    'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    'x-amz-date': '20130524T000000Z',
    date: 'Fri, 24 May 2013 00:00:00 GMT',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    authorization: authorization(
      'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ),
  },
  body: bytesOf('Welcome to Amazon S3.'),
};
const LIST: HttpRequest = {
  method: 'GET',
  url: `${HOST}/?prefix=J&max-keys=2`,
  headers: {
    ...COMMON,
    authorization: authorization(
      'host;x-amz-content-sha256;x-amz-date',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ),
  },
};

/** The code of the refusal; undefined if it is let in. */
function check(request: HttpRequest, wallTimeMs = SIGNED_AT_MS, key = KEY): string | undefined {
  const read = readRequest(request, new Set(['examplebucket']));
  if (read === undefined) return 'unreadable';
  const refusal = objectionTo(read, { keys: [key], region: 'us-east-1', wallTimeMs });
  if (refusal === undefined) return undefined;
  return /<Code>(.*)<\/Code>/.exec(decodeUtf8(refusal.body) ?? '')?.[1] ?? 'no code';
}

test('requests that AWS has signed are let in', (t) => {
  for (const request of [GET, PUT, LIST]) t.is(check(request), undefined, request.url);
});

test('the host of a request may name its bucket', (t) => {
  const read = readRequest(PUT, new Set(['examplebucket']));
  t.is(read?.bucket, 'examplebucket');
  t.is(read?.key, 'test$file.text');
  const byPath = readRequest({ method: 'GET', url: 'http://s3:9000/b/c%2Fd/e' }, new Set(['b']));
  t.is(byPath?.bucket, 'b');
  t.is(byPath?.key, 'c/d/e');
});

test('whatever of a request is changed, it is not let in', (t) => {
  const wrongKey = { ...KEY, secretAccessKey: 'guess' };
  t.is(check(GET, SIGNED_AT_MS, wrongKey), 'SignatureDoesNotMatch');
  t.is(check(GET, SIGNED_AT_MS, { ...KEY, accessKeyId: 'OTHER' }), 'InvalidAccessKeyId');
  t.is(check({ ...GET, url: `${HOST}/test.txt2` }), 'SignatureDoesNotMatch');
  t.is(check({ ...LIST, url: `${HOST}/?prefix=K&max-keys=2` }), 'SignatureDoesNotMatch');
  t.is(check({ ...GET, method: 'HEAD' }), 'SignatureDoesNotMatch');
  t.is(check({ ...PUT, body: bytesOf('Welcome') }), 'XAmzContentSHA256Mismatch');
  const header = (name: string, value: string) =>
    check({ ...GET, headers: { ...GET.headers, [name]: value } });
  t.is(header('range', 'bytes=0-10'), 'SignatureDoesNotMatch');
  t.is(header('x-amz-acl', 'public-read'), 'AccessDenied');
  t.is(header('authorization', ''), 'AccessDenied');
});

test('a request counts for a quarter of an hour', (t) => {
  const limitMs = 15 * 60 * 1000;
  for (const sign of [-1, 1]) {
    t.is(check(GET, SIGNED_AT_MS + sign * limitMs), undefined);
    t.is(check(GET, SIGNED_AT_MS + sign * (limitMs + 1)), 'RequestTimeTooSkewed');
  }
});

test('a temporary key counts with its token, until it expires', (t) => {
  const token = { ...KEY, sessionToken: 'token' };
  t.is(check(GET, SIGNED_AT_MS, token), 'InvalidToken');
  const expired = { ...KEY, expiresAtMs: SIGNED_AT_MS };
  t.is(check(GET, SIGNED_AT_MS, expired), 'ExpiredToken');
});
