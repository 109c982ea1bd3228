// The real HTTP client against the contract, and that it holds no process alive.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import test, { type ExecutionContext } from 'ava';

import { echo, type HttpBench, httpClientContract } from '../http-client.contract.ts';
import type { HttpMethod, HttpRequest } from '../http-client.ts';
import { nodeHttpClient } from './node-http-client.ts';

httpClientContract('nodeHttpClient', open);

test('nodeHttpClient keeps connections, and no process alive by them', async (t) => {
  const sockets = new Set<unknown>();
  const url = await serve(t, (request, response) => {
    sockets.add(request.socket);
    response.end('answer');
  });
  const program = `
    const place = ${JSON.stringify(new URL('./node-http-client.ts', import.meta.url).href)};
    const { nodeHttpClient } = await import(place);
    const client = nodeHttpClient();
    for (const word of ['one', 'two', 'three']) {
      const { body } = await client.send({ method: 'GET', url: '${url}/' + word });
      process.stdout.write(word + ' ' + Buffer.from(body) + ';');
    }
  `;
  const nodeArguments = ['--no-warnings', '--input-type=module', '--eval', program];
  const began = process.hrtime.bigint();
  const child = spawn(process.execPath, nodeArguments, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = await once(child, 'close');
  t.deepEqual(closed, [0, null]);
  t.is(output, 'one answer;two answer;three answer;');
  t.is(sockets.size, 1);
  t.true(Number(process.hrtime.bigint() - began) / 1e6 < 4_000);
});

async function open(t: ExecutionContext): Promise<HttpBench> {
  let brokenCount = 0;
  const echoUrl = await serve(t, (incoming, response) => {
    const parts: Uint8Array[] = [];
    incoming.on('data', (part: Uint8Array) => parts.push(part));
    incoming.on('end', () => {
      const asked = incoming.headers['x-asked'];
      const request: HttpRequest = {
        method: incoming.method as HttpMethod,
        url: `http://echo${incoming.url ?? ''}`,
        headers: typeof asked === 'string' ? { 'x-asked': asked } : {},
        body: Buffer.concat(parts),
      };
      const answer = echo(request);
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(answer.body);
    });
  });
  const silentUrl = await serve(t, () => undefined);
  const brokenUrl = await serve(t, (_, response) => {
    brokenCount += 1;
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => response.destroy());
  });
  return {
    client: nodeHttpClient(),
    echoUrl,
    silentUrl,
    brokenUrl,
    refusedUrl: await closedUrl(),
    brokenCount: () => brokenCount,
    settle: (promise) => promise,
  };
}

async function serve(t: ExecutionContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Of a port that was free a moment ago. */
async function closedUrl(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}
