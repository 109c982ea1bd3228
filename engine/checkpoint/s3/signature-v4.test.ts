// The signer against the four examples that AWS publishes for S3.

import test from 'ava';
import type { HttpMethod } from '../../environment/http-client.ts';
import { bytesOf } from '../../environment/vocabulary.contract.ts';
import { canonicalQuery, signRequest } from './signature-v4.ts';

interface Example {
  readonly name: string;
  readonly method: HttpMethod;
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly signature: string;
}

const EXAMPLES: readonly Example[] = [
  {
    name: 'GET with a range',
    method: 'GET',
    path: '/test.txt',
    headers: [['range', 'bytes=0-9']],
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'PUT with an encoded path',
    method: 'PUT',
    path: '/test%24file.text',
    headers: [
      ['date', 'Fri, 24 May 2013 00:00:00 GMT'],
      ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
    ],
    body: 'Welcome to Amazon S3.',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'a query without a value',
    method: 'GET',
    path: '/',
    query: [['lifecycle', '']],
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'a query out of order',
    method: 'GET',
    path: '/',
    query: [
      ['prefix', 'J'],
      ['max-keys', '2'],
    ],
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
];

for (const { name, signature, query = [], headers = [], body = '', ...request } of EXAMPLES) {
  test(`signRequest() gives the signature that AWS publishes: ${name}`, (t) => {
    const signed = signRequest(
      {
        ...request,
        query,
        headers: new Map([['host', 'examplebucket.s3.amazonaws.com'], ...headers]),
        body: bytesOf(body),
      },
      {
        credentials: {
          accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
          secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
        },
        region: 'us-east-1',
        // 2013-05-24T00:00:00Z
        wallTimeMs: 1_369_353_600_000,
      },
    );
    t.regex(signed.get('authorization') ?? '', new RegExp(`Signature=${signature}$`));
    t.is(signed.get('x-amz-date'), '20130524T000000Z');
  });
}

test('canonicalQuery() sorts by name first, whatever stands behind it', (t) => {
  const query = [
    ['a-b', '1'],
    ['a', '2'],
    ['a', '1/ '],
  ] as const;
  t.is(canonicalQuery(query), 'a=1%2F%20&a=2&a-b=1');
});
