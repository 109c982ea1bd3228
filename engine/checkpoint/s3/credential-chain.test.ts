// Where credentials are looked for, in which order, and what of a credentials file counts.

import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { OnceproofError } from '../../core/errors.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import { type HttpClient, HttpError, type HttpRequest } from '../../environment/http-client.ts';
import { NodeFileSystem } from '../../environment/node/node-filesystem.ts';
import { CredentialChain } from './credential-chain.ts';
import type { S3Credentials } from './signature-v4.ts';

interface Sources {
  readonly explicit?: S3Credentials;
  readonly variables?: readonly (readonly [string, string])[];
  /** By path. */
  readonly files?: readonly (readonly [string, string])[];
  readonly http?: HttpClient;
  readonly clock?: { readonly wallTime: () => number };
}

const nobody: HttpClient = { send: (request) => Promise.reject(new HttpError('refused', request)) };

async function chainOf(t: ExecutionContext, sources: Sources): Promise<CredentialChain> {
  const root = await mkdtemp(join(tmpdir(), 'credentials-'));
  t.teardown(() => rm(root, { recursive: true }));
  for (const [path, text] of sources.files ?? []) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const variables = new Map(sources.variables);
  const { explicit, http = nobody, clock = { wallTime: () => 0 } } = sources;
  return new CredentialChain({
    variable: (name) => variables.get(name),
    http,
    clock,
    filesystem: new NodeFileSystem(root),
    ...(explicit === undefined ? {} : { explicit }),
  });
}

const FILE = `
# made by hand
[default]
aws_access_key_id = DEFAULT
aws_secret_access_key = a=b/c+d
[ other ]
AWS_ACCESS_KEY_ID=OTHER
aws_secret_access_key=secret
aws_session_token=token
[half]
aws_access_key_id = HALF
`;
const EXPLICIT = { accessKeyId: 'EXPLICIT', secretAccessKey: 'secret' };
const VARIABLES = [
  ['AWS_ACCESS_KEY_ID', 'VARIABLE'],
  ['AWS_SECRET_ACCESS_KEY', 'secret'],
] as const;
const HOME = ['HOME', '/home/me'] as const;
const SHARED = ['/home/me/.aws/credentials', FILE] as const;

test('options come before variables, and variables before the file', async (t) => {
  const all = { variables: [...VARIABLES, HOME], files: [SHARED] };
  const first = await chainOf(t, { explicit: EXPLICIT, ...all });
  t.deepEqual(await first.credentials(), EXPLICIT);
  const second = await chainOf(t, all);
  t.deepEqual(await second.credentials(), { accessKeyId: 'VARIABLE', secretAccessKey: 'secret' });
  const third = await chainOf(t, { variables: [HOME], files: [SHARED] });
  t.deepEqual(await third.credentials(), { accessKeyId: 'DEFAULT', secretAccessKey: 'a=b/c+d' });
});

test('a session token is taken along, from wherever the keys come', async (t) => {
  const token = ['AWS_SESSION_TOKEN', 'token'] as const;
  const variables = await chainOf(t, { variables: [...VARIABLES, token] });
  t.is((await variables.credentials()).sessionToken, 'token');
  const profile = ['AWS_PROFILE', 'other'] as const;
  const file = await chainOf(t, { variables: [HOME, profile], files: [SHARED] });
  t.deepEqual(await file.credentials(), {
    accessKeyId: 'OTHER',
    secretAccessKey: 'secret',
    sessionToken: 'token',
  });
});

test('AWS_SHARED_CREDENTIALS_FILE names another file', async (t) => {
  const named = ['AWS_SHARED_CREDENTIALS_FILE', '/etc/keys'] as const;
  const chain = await chainOf(t, { variables: [HOME, named], files: [['/etc/keys', FILE]] });
  t.is((await chain.credentials()).accessKeyId, 'DEFAULT');
});

test('nobody has any: OP-E551, whatever is missing', async (t) => {
  const half = [HOME, ['AWS_PROFILE', 'half']] as const;
  for (const sources of [
    {},
    { variables: [HOME] },
    { variables: half, files: [SHARED] },
    { variables: [VARIABLES[0]] },
    { variables: [['HOME', 'relative']] },
  ] satisfies Sources[]) {
    const chain = await chainOf(t, sources);
    const error = await t.throwsAsync(chain.credentials(), { instanceOf: OnceproofError });
    t.is(error?.code, 'OP-E551');
  }
});

test('credentials are read once, and again when they were forgotten', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'credentials-'));
  t.teardown(() => rm(root, { recursive: true }));
  const write = (id: string) =>
    writeFile(join(root, 'keys'), `[default]\naws_access_key_id=${id}\naws_secret_access_key=x`);
  const chain = new CredentialChain({
    variable: (name) => (name === 'AWS_SHARED_CREDENTIALS_FILE' ? '/keys' : undefined),
    http: nobody,
    clock: { wallTime: () => 0 },
    filesystem: new NodeFileSystem(root),
  });
  await write('OLD');
  t.is((await chain.credentials()).accessKeyId, 'OLD');
  await write('NEW');
  t.is((await chain.credentials()).accessKeyId, 'OLD');
  chain.forget();
  t.is((await chain.credentials()).accessKeyId, 'NEW');
});

/** Answers by the start of the URL; everybody else is away. */
function answering(
  answers: readonly (readonly [url: string, text: string | (() => string)])[],
  sent: HttpRequest[] = [],
): HttpClient {
  return {
    send: async (request) => {
      sent.push(request);
      const [, text] = answers.find(([url]) => request.url.startsWith(url)) ?? [];
      if (text === undefined) throw new HttpError('refused', request);
      const body = Buffer.from(typeof text === 'string' ? text : text());
      return { status: 200, headers: new Map(), body };
    },
  };
}

function roleJson(id: string, expires: string): string {
  return JSON.stringify({
    Code: 'Success',
    AccessKeyId: id,
    SecretAccessKey: 'secret',
    Token: 'token',
    Expiration: expires,
  });
}

const METADATA = 'http://169.254.169.254/latest';

test('an instance role is asked for last, with the token of its session', async (t) => {
  const sent: HttpRequest[] = [];
  const roles = `${METADATA}/meta-data/iam/security-credentials/`;
  const http = answering(
    [
      [`${METADATA}/api/token`, 'session'],
      [`${roles}worker`, roleJson('INSTANCE', '2020-01-01T06:00:00Z')],
      [roles, 'worker\n'],
    ],
    sent,
  );
  const chain = await chainOf(t, { http, variables: [HOME], files: [SHARED] });
  t.is((await chain.credentials()).accessKeyId, 'DEFAULT');
  t.is(sent.length, 0);
  const bare = await chainOf(t, { http });
  const found = await bare.credentials();
  t.is(found.accessKeyId, 'INSTANCE');
  t.is(found.sessionToken, 'token');
  t.deepEqual(
    sent.map(({ method }) => method),
    ['PUT', 'GET', 'GET'],
  );
  t.true(sent.slice(1).every(({ headers }) => headers?.['x-aws-ec2-metadata-token'] === 'session'));
  const disabled = await chainOf(t, { http, variables: [['AWS_EC2_METADATA_DISABLED', 'true']] });
  await t.throwsAsync(disabled.credentials(), { instanceOf: OnceproofError });
});

test('a container is asked with its token, and its silence is EIO', async (t) => {
  const sent: HttpRequest[] = [];
  const url = 'http://127.0.0.1:23/v1/credentials';
  const variables = [
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', url],
    ['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', '/token'],
  ] as const;
  const files = [['/token', 'let me in\n']] as const;
  const http = answering([[url, roleJson('POD', '2020-01-01T06:00:00Z')]], sent);
  const chain = await chainOf(t, { http, variables, files });
  t.is((await chain.credentials()).accessKeyId, 'POD');
  t.deepEqual(sent[0]?.headers, { authorization: 'let me in' });
  const silent = await chainOf(t, { variables, files });
  const error = await t.throwsAsync(silent.credentials(), { instanceOf: FileSystemError });
  t.is(error?.code, 'EIO');
});

test('a web identity is exchanged for the credentials of its role', async (t) => {
  const sent: HttpRequest[] = [];
  const variables = [
    ['AWS_WEB_IDENTITY_TOKEN_FILE', '/token'],
    ['AWS_ROLE_ARN', 'arn:aws:iam::1:role/worker'],
    ['AWS_REGION', 'eu-west-1'],
  ] as const;
  const answer =
    '<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>' +
    '<AccessKeyId>WEB</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>' +
    '<SessionToken>token</SessionToken><Expiration>2020-01-01T06:00:00Z</Expiration>' +
    '</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>';
  const http = answering([['https://sts.eu-west-1.amazonaws.com/', answer]], sent);
  const chain = await chainOf(t, { http, variables, files: [['/token', 'jwt=']] });
  t.is((await chain.credentials()).accessKeyId, 'WEB');
  const query = new URL(sent[0]?.url ?? '').searchParams;
  t.is(query.get('RoleArn'), 'arn:aws:iam::1:role/worker');
  t.is(query.get('WebIdentityToken'), 'jwt=');
});

test('credentials that are about to expire are renewed, or used to their end', async (t) => {
  const expiresAtMs = Date.UTC(2020, 0, 1, 6);
  let now = expiresAtMs - 3_600_000;
  let next: string | undefined = roleJson('OLD', '2020-01-01T06:00:00Z');
  const url = 'http://127.0.0.1:23/';
  const http = answering([[url, () => next ?? '']]);
  const variables = [['AWS_CONTAINER_CREDENTIALS_FULL_URI', url]] as const;
  const chain = await chainOf(t, { http, variables, clock: { wallTime: () => now } });
  const id = async () => (await chain.credentials()).accessKeyId;
  t.is(await id(), 'OLD');
  next = undefined;
  t.is(await id(), 'OLD');
  now = expiresAtMs - 60_000;
  t.is(await id(), 'OLD');
  now = expiresAtMs;
  await t.throwsAsync(id(), { instanceOf: FileSystemError });
  next = roleJson('NEW', '2020-01-01T12:00:00Z');
  t.is(await id(), 'NEW');
  now = expiresAtMs + 3_600_000;
  next = undefined;
  t.is(await id(), 'NEW');
});
