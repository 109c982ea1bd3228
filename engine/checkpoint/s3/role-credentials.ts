// Credentials of a role, from who hands them out where a process runs: a web identity (Kubernetes
// on AWS), a container's agent (ECS, EKS), an instance's metadata (EC2). They expire. One attempt
// each, with a short time limit. Where no metadata answers, there is no role; where a variable
// names who has it, his silence is a failure.

import { FileSystemError, type FileSystem } from '../../environment/filesystem.ts';
import { type HttpClient, HttpError, type HttpRequest } from '../../environment/http-client.ts';
import { parseIsoDate } from './s3-dates.ts';
import { percentEncode } from './s3-text.ts';
import { textOfUtf8 } from '../../stream/text-bytes.ts';
import { parseXml } from './s3-xml.ts';
import type { S3Credentials } from './signature-v4.ts';

export interface RoleSources {
  readonly variable: (name: string) => string | undefined;
  readonly filesystem: FileSystem;
  readonly http: HttpClient;
}

export interface ExpiringCredentials extends S3Credentials {
  /** Milliseconds since 1970; undefined where nobody said. */
  readonly expiresAtMs?: number;
}

type Found = Promise<ExpiringCredentials | undefined>;
type Headers = NonNullable<HttpRequest['headers']>;

const TIMEOUT_MS = 2000;
const STS_TIMEOUT_MS = 10_000;
const CONTAINER_HOST = 'http://169.254.170.2';
const METADATA = 'http://169.254.169.254/latest';
/** To be sent by who proves with it that he is no proxy. */
const TOKEN_SECONDS = '300';

/** Undefined where the process has no role. EIO where it should have one and nobody gives it. */
export async function roleCredentials(sources: RoleSources): Found {
  return (
    (await webIdentity(sources)) ?? (await containerRole(sources)) ?? (await instanceRole(sources))
  );
}

async function webIdentity(sources: RoleSources): Found {
  const { variable, filesystem } = sources;
  const [file, role] = [variable('AWS_WEB_IDENTITY_TOKEN_FILE'), variable('AWS_ROLE_ARN')];
  if (file === undefined || role === undefined) return undefined;
  const region = variable('AWS_REGION') ?? variable('AWS_DEFAULT_REGION') ?? 'us-east-1';
  const endpoint = variable('AWS_ENDPOINT_URL_STS') ?? `https://sts.${region}.amazonaws.com`;
  const query = [
    ['Action', 'AssumeRoleWithWebIdentity'],
    ['Version', '2011-06-15'],
    ['RoleArn', role],
    ['RoleSessionName', variable('AWS_ROLE_SESSION_NAME') ?? 'onceproof'],
    ['WebIdentityToken', (textOfUtf8(await filesystem.read(file)) ?? '').trim()],
  ] as const;
  const text = query.map(([name, value]) => `${name}=${percentEncode(value)}`).join('&');
  const url = `${endpoint.replace(/\/$/, '')}/?${text}`;
  const body = await ask(sources.http, { method: 'GET', url, timeoutMs: STS_TIMEOUT_MS });
  const answer =
    body === undefined ? undefined : parseXml(body, 'AssumeRoleWithWebIdentityResponse');
  const result = answer?.all('AssumeRoleWithWebIdentityResult')[0]?.all('Credentials')[0];
  const found = result && credentialsOf((name) => result.textOf(name), 'SessionToken');
  return found ?? silent(endpoint);
}

async function containerRole(sources: RoleSources): Found {
  const { variable, filesystem, http } = sources;
  const relative = variable('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');
  const url =
    relative === undefined
      ? variable('AWS_CONTAINER_CREDENTIALS_FULL_URI')
      : CONTAINER_HOST + relative;
  if (url === undefined) return undefined;
  const file = variable('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE');
  const token =
    file === undefined
      ? variable('AWS_CONTAINER_AUTHORIZATION_TOKEN')
      : (textOfUtf8(await filesystem.read(file)) ?? '').trim();
  const found = await fromJson(http, url, token === undefined ? {} : { authorization: token });
  return found ?? silent(url);
}

function silent(place: string): never {
  throw new FileSystemError('EIO', 'get credentials from', place);
}

/** In the second version of the protocol alone, which a forged request through a proxy fails. */
async function instanceRole({ variable, http }: RoleSources): Found {
  if (variable('AWS_EC2_METADATA_DISABLED')?.toLowerCase() === 'true') return undefined;
  const seconds = { 'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_SECONDS };
  const token = await askText(http, 'PUT', `${METADATA}/api/token`, seconds);
  if (token === undefined) return undefined;
  const headers = { 'x-aws-ec2-metadata-token': token };
  const roles = `${METADATA}/meta-data/iam/security-credentials/`;
  const role = (await askText(http, 'GET', roles, headers))?.trim().split('\n')[0];
  return role === undefined || role === '' ? undefined : fromJson(http, roles + role, headers);
}

async function fromJson(http: HttpClient, url: string, headers: Headers): Found {
  const text = await askText(http, 'GET', url, headers);
  if (text === undefined) return undefined;
  const fields = fieldsOf(text);
  return credentialsOf((name) => fields.get(name) ?? '', 'Token');
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return fields;
    for (const [name, value] of Object.entries(parsed)) {
      if (typeof value === 'string') fields.set(name, value);
    }
  } catch {
    // Not the answer of who we thought it was.
  }
  return fields;
}

function credentialsOf(
  field: (name: string) => string,
  tokenName: string,
): ExpiringCredentials | undefined {
  const [accessKeyId, secretAccessKey] = [field('AccessKeyId'), field('SecretAccessKey')];
  if (accessKeyId === '' || secretAccessKey === '') return undefined;
  const expiresAtMs = parseIsoDate(field('Expiration'));
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: field(tokenName),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
}

async function askText(
  http: HttpClient,
  method: 'GET' | 'PUT',
  url: string,
  headers: Headers,
): Promise<string | undefined> {
  const body = await ask(http, { method, url, headers, timeoutMs: TIMEOUT_MS });
  return body === undefined ? undefined : textOfUtf8(body);
}

/** Undefined unless somebody answers, and well. */
async function ask(http: HttpClient, request: HttpRequest): Promise<Uint8Array | undefined> {
  try {
    const { status, body } = await http.send(request);
    return status === 200 ? body : undefined;
  } catch (error) {
    if (error instanceof HttpError) return undefined;
    throw error;
  }
}
