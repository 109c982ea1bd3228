// Where requests go, for each way to name a bucket and a server.

import test from 'ava';
import { OnceproofError } from '../../core/errors.ts';
import { parseS3Url, requestPath, s3TargetOf } from './s3-options.ts';

const nothing = (): undefined => undefined;

test('parseS3Url() takes a bucket and a prefix, with or without slashes at its end', (t) => {
  t.deepEqual(parseS3Url('s3://b'), { bucket: 'b', prefix: '' });
  t.deepEqual(parseS3Url('s3://b/'), { bucket: 'b', prefix: '' });
  t.deepEqual(parseS3Url('s3a://b/c/d e//'), { bucket: 'b', prefix: 'c/d e/' });
});

test('parseS3Url() refuses what is no place in a bucket', (t) => {
  for (const url of ['s3://', '/b', 'https://b/c', 's3://b//c', 's3://b/../c', 's3://b/./c']) {
    t.is(t.throws(() => parseS3Url(url), { instanceOf: OnceproofError })?.code, 'OP-E550', url);
  }
});

test('without an endpoint, AWS is asked in the region, at the host of the bucket', (t) => {
  const target = s3TargetOf('flights', { region: 'eu-west-1' }, nothing);
  t.is(target.origin, 'https://flights.s3.eu-west-1.amazonaws.com');
  t.is(target.host, 'flights.s3.eu-west-1.amazonaws.com');
  t.is(requestPath(target, undefined), '/');
  t.is(requestPath(target, 'a/b c+ü'), '/a/b%20c%2B%C3%BC');
  const dotted = s3TargetOf('my.flights', {}, nothing);
  t.is(dotted.origin + requestPath(dotted, 'a'), 'https://s3.us-east-1.amazonaws.com/my.flights/a');
});

test('an endpoint is asked by path, unless it is told otherwise', (t) => {
  const endpoint = 'http://minio:9000/s3/';
  const byPath = s3TargetOf('flights', { endpoint }, nothing);
  t.is(byPath.origin + requestPath(byPath, 'a'), 'http://minio:9000/s3/flights/a');
  t.is(byPath.host, 'minio:9000');
  const byHost = s3TargetOf('flights', { endpoint, pathStyle: false }, nothing);
  t.is(byHost.origin + requestPath(byHost, 'a'), 'http://flights.minio:9000/s3/a');
});

test('the host that is signed has no port where it is the one of the scheme', (t) => {
  const hostOf = (endpoint: string) => s3TargetOf('flights', { endpoint }, nothing).host;
  t.is(hostOf('http://minio:80'), 'minio');
  t.is(hostOf('https://minio:443'), 'minio');
  t.is(hostOf('https://minio:80'), 'minio:80');
  t.is(hostOf('http://[::1]:9000'), '[::1]:9000');
});

test('region and endpoint come from the options first, then from the variables', (t) => {
  const variables = new Map([
    ['AWS_REGION', 'eu-north-1'],
    ['AWS_ENDPOINT_URL', 'http://minio:9000'],
  ]);
  const variable = (name: string) => variables.get(name);
  const target = s3TargetOf('flights', {}, variable);
  t.is(target.region, 'eu-north-1');
  t.is(target.origin, 'http://minio:9000');
  t.is(s3TargetOf('flights', { region: 'eu-west-1' }, variable).region, 'eu-west-1');
});

test('an endpoint that is no server is OP-E550', (t) => {
  for (const endpoint of ['minio:9000', 'ftp://minio', 'http://user@minio', 'http://minio?a']) {
    const error = t.throws(() => s3TargetOf('flights', { endpoint }, nothing), {
      instanceOf: OnceproofError,
    });
    t.is(error?.code, 'OP-E550', endpoint);
  }
});
