// A real S3 server for the contract suites: Versity's gateway over a directory, built from its Go
// module once and kept.

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerProcess, waitUntil } from '../server-process.ts';
import type { RunningService, ServicePlaces, ServiceRecipe } from '../service.ts';
import { freePorts, runTool } from '../tools.ts';

const URL_VARIABLE = 'ONCEPROOF_S3_URL';

export const S3: ServiceRecipe = { name: 's3', needs: ['go'], variable: URL_VARIABLE, start };

const MODULE = 'github.com/versity/versitygw';
const VERSION = 'v1.8.0';
const START_MS_MAX = 30_000;
const REGION = 'us-east-1';
/** Of a server that lives for minutes, on loopback. */
const ACCESS_KEY_ID = 'onceproof';
const SECRET_ACCESS_KEY = 'onceproof-secret';
const BUCKET = 'onceproof';

async function start({ directory, cache }: ServicePlaces): Promise<RunningService> {
  const program = await build(cache);
  const [port = 0] = await freePorts(1);
  const data = join(directory, 'data');
  // To this server a directory is a bucket.
  await mkdir(join(data, BUCKET), { recursive: true });
  const server = new ServerProcess({
    name: 's3',
    program,
    args: ['--port', `127.0.0.1:${port}`, '--region', REGION, '--keep-alive', 'posix', data],
    directory,
    variables: { ROOT_ACCESS_KEY: ACCESS_KEY_ID, ROOT_SECRET_KEY: SECRET_ACCESS_KEY },
    log: join(directory, 's3.log'),
  });
  const url = `http://127.0.0.1:${port}`;
  const place = `s3://${BUCKET}`;
  try {
    const waiting = { what: 'S3 answers', timeoutMs: START_MS_MAX, processes: [server] };
    await waitUntil(() => answers(url), waiting);
  } catch (error) {
    await server.kill();
    throw error;
  }
  return {
    name: 's3',
    url: place,
    version: `Versity S3 Gateway ${await builtVersion(program, cache)} (over a directory)`,
    variables: new Map([
      [URL_VARIABLE, place],
      ['AWS_ENDPOINT_URL', url],
      ['AWS_REGION', REGION],
      ['AWS_ACCESS_KEY_ID', ACCESS_KEY_ID],
      ['AWS_SECRET_ACCESS_KEY', SECRET_ACCESS_KEY],
    ]),
    stop: () => server.kill(),
  };
}

async function build(cache: string): Promise<string> {
  const directory = join(cache, `versitygw-${VERSION}`);
  const program = join(directory, 'versitygw');
  if (existsSync(program)) return program;
  await mkdir(directory, { recursive: true });
  await runTool({
    program: 'go',
    args: ['install', `${MODULE}/cmd/versitygw@${VERSION}`],
    directory,
    variables: { GOBIN: directory, GOFLAGS: '', CGO_ENABLED: '0' },
  });
  return program;
}

/** As the built program has it: `mod github.com/versity/versitygw v1.8.0 h1:...`. */
async function builtVersion(program: string, directory: string): Promise<string> {
  const about = await runTool({ program: 'go', args: ['version', '-m', program], directory });
  const line = about.split('\n').find((each) => each.includes(`mod\t${MODULE}\t`)) ?? '';
  return line.trim().split('\t')[2] ?? 'of unknown version';
}

/** It knows who asks, and refuses. */
async function answers(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/${BUCKET}`, { signal: AbortSignal.timeout(2_000) });
  return answer.status === 403;
}
