// What a user says about a bucket, and what follows from it: where requests go, what they name and
// how a person finds an object. Nothing here asks the network.

import { OnceproofError } from '../../core/errors.ts';
import type { S3Credentials } from './signature-v4.ts';
import { percentEncode } from './s3-text.ts';

export interface S3Options {
  /** `https://host:port` of a server that speaks S3. Default: that of AWS in the region. */
  readonly endpoint?: string;
  /** Default: AWS_REGION, then AWS_DEFAULT_REGION, then us-east-1. */
  readonly region?: string;
  /** Default: the variables of the process, then the shared credentials file. */
  readonly credentials?: S3Credentials;
  /**
   * `endpoint/bucket/key` instead of `bucket.endpoint/key`. Default: true for an endpoint of your
   * own, and for a bucket whose name is no host name.
   */
  readonly pathStyle?: boolean;
  /** Objects above this size go up in parts of it. Default 8 MiB; AWS takes no less than 5 MiB. */
  readonly partBytes?: number;
  /** Times that a request is sent before its failure counts. Default 6. */
  readonly attempts?: number;
  /** Of a single request. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** From when on an unfinished upload counts as left behind. Default: a day. */
  readonly orphanAfterMs?: number;
}

export interface S3Place {
  readonly bucket: string;
  /** In front of every key: empty, or with a slash at its end. */
  readonly prefix: string;
}

/** Where requests for one bucket go. */
export interface S3Target {
  readonly bucket: string;
  readonly region: string;
  /** `scheme://host:port`. */
  readonly origin: string;
  /** As in the Host header: without the scheme's own port. */
  readonly host: string;
  /** In front of a key's own path: `/bucket`, or empty where the host names the bucket. */
  readonly basePath: string;
}

type Variables = (name: string) => string | undefined;

const S3_URL = /^s3a?:\/\/([^/?#]+)(?:\/(.*))?$/;
const ENDPOINT = /^(https?):\/\/([^/?#@:]+|\[[^\]]+\])(?::(\d+))?(\/[^?#]*)?$/;
/** Dots are left out on purpose: the certificate of `*.s3.amazonaws.com` does not cover them. */
const HOST_LABEL = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/** OP-E550 if it is no `s3://bucket/prefix`. */
export function parseS3Url(url: string): S3Place {
  const [, bucket = '', rest = ''] = S3_URL.exec(url) ?? [];
  const prefix = rest.replace(/\/+$/, '');
  const isUsable = prefix === '' || prefix.split('/').every(isName);
  if (bucket === '' || !isUsable) throw badSetting(`"${url}"`, 'Write s3://bucket/prefix');
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}

function isName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/\p{Surrogate}/u.test(name);
}

/** OP-E550 if the endpoint is no URL of a server. */
export function s3TargetOf(bucket: string, options: S3Options, variable: Variables): S3Target {
  const region =
    options.region ?? variable('AWS_REGION') ?? variable('AWS_DEFAULT_REGION') ?? 'us-east-1';
  const chosen =
    options.endpoint ?? variable('AWS_ENDPOINT_URL_S3') ?? variable('AWS_ENDPOINT_URL');
  const endpoint = chosen ?? `https://s3.${region}.amazonaws.com`;
  const parts = ENDPOINT.exec(endpoint);
  if (parts === null) {
    throw badSetting(`endpoint "${endpoint}"`, 'Write http://host:port or https://host:port');
  }
  const [, scheme = '', name = '', port, path = ''] = parts;
  const isPathStyle = options.pathStyle ?? (chosen !== undefined || !HOST_LABEL.test(bucket));
  const isOwnPort = port === undefined || port === (scheme === 'https' ? '443' : '80');
  const authority = isOwnPort ? name : `${name}:${port}`;
  const host = isPathStyle ? authority : `${bucket}.${authority}`;
  const base = path.replace(/\/+$/, '');
  return {
    bucket,
    region,
    origin: `${scheme}://${host}`,
    host,
    basePath: isPathStyle ? `${base}/${percentEncode(bucket)}` : base,
  };
}

/** Of an object, or of the bucket itself. */
export function requestPath({ basePath }: S3Target, key: string | undefined): string {
  if (key === undefined) return basePath === '' ? '/' : basePath;
  return `${basePath}/${key.split('/').map(percentEncode).join('/')}`;
}

function badSetting(what: string, remedy: string): OnceproofError {
  return new OnceproofError('OP-E550', `Cannot use S3 storage: ${what} is not understood`, {
    place: 'S3 options',
    remedy,
  });
}
