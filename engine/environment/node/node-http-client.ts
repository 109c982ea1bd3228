// HTTP over the sockets of the machine. What failed before a connection stood was refused: not a
// byte of the request had left. Connections are kept for the next request, and keep no process
// alive. Certificates are checked; proxies, compression and cookies are not used.

import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import {
  HTTP_CONNECT_TIMEOUT_MS,
  HTTP_TIMEOUT_MS,
  type HttpClient,
  HttpError,
  type HttpRequest,
  type HttpResponse,
} from '../http-client.ts';

/** Servers close what idles: Node's own after 5 s, and a request sent into that is lost. */
const IDLE_MS_MAX = 4_000;

export function nodeHttpClient(): HttpClient {
  const options = { keepAlive: true, timeout: IDLE_MS_MAX };
  const agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };
  return { send: (request) => send(request, agents) };
}

interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

async function send(request: HttpRequest, agents: Agents): Promise<HttpResponse> {
  const sent = begin(request, agents);
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const giveUp = (what: string, timeoutMs: number) =>
      setTimeout(() => sent.destroy(new Error(`${what} within ${timeoutMs} ms`)), timeoutMs);
    const timeoutMs = request.timeoutMs ?? HTTP_TIMEOUT_MS;
    const connecting = giveUp('No connection', Math.min(timeoutMs, HTTP_CONNECT_TIMEOUT_MS));
    const answering = giveUp('No whole answer', timeoutMs);
    const connected = () => {
      isConnected = true;
      clearTimeout(connecting);
    };
    const fail = (cause: unknown) => {
      clearTimeout(connecting);
      clearTimeout(answering);
      reject(new HttpError(isConnected ? 'lost' : 'refused', request, cause));
    };
    sent.on('socket', (socket) => {
      const isSecure = request.url.startsWith('https:');
      if (sent.reusedSocket) connected();
      else socket.once(isSecure ? 'secureConnect' : 'connect', connected);
    });
    sent.on('error', fail);
    sent.on('response', (answer) => {
      const parts: Uint8Array[] = [];
      answer.on('data', (part: Uint8Array) => parts.push(part));
      // Broken off: an answer that is not whole is none.
      answer.on('error', fail);
      answer.on('end', () => {
        clearTimeout(answering);
        resolve(responseOf(answer, parts));
      });
    });
    sent.end(request.body);
  });
}

function begin(request: HttpRequest, agents: Agents): ClientRequest {
  const { method, url, headers } = request;
  try {
    return url.startsWith('https:')
      ? httpsRequest(url, { method, headers: { ...headers }, agent: agents.https })
      : httpRequest(url, { method, headers: { ...headers }, agent: agents.http });
  } catch (error) {
    // A URL that is none, or a header that may not be sent.
    throw new HttpError('refused', request, error);
  }
}

function responseOf(answer: IncomingMessage, parts: readonly Uint8Array[]): HttpResponse {
  const headers = new Map<string, string>();
  for (const [name, values] of Object.entries(answer.headersDistinct)) {
    headers.set(name, (values ?? []).join(', '));
  }
  const body = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return { status: answer.statusCode ?? 0, headers, body };
}
