// How the servers of a simulated HDFS talk to each other: calls in JSON over HTTP. The real ones
// speak protobuf; what is said is the same. A refusal comes back as the exception that it is.

import type { Environment } from '../../../engine/environment/environment.ts';
import { servicesOf } from '../../../engine/environment/foreign-services.ts';
import {
  HttpError,
  type HttpRequest,
  type HttpResponse,
} from '../../../engine/environment/http-client.ts';
import type { HttpService } from '../http-service.ts';
import { exceptionAnswer, HdfsException, isExceptionName, jsonAnswer } from './hdfs-exception.ts';

export type Fields = ReadonlyMap<string, unknown>;
export type RpcHandler = (method: string, fields: Fields) => Promise<object> | object;

const RPC_TIMEOUT_MS = 10_000;

/** Rejects with the exception of the other side; ConnectException: it was certainly not asked. */
export async function callRpc(
  environment: Environment,
  place: string,
  call: { readonly method: string; readonly [field: string]: unknown },
  timeoutMs = RPC_TIMEOUT_MS,
): Promise<Fields> {
  const request: HttpRequest = {
    method: 'POST',
    url: `http://${place}/rpc`,
    body: jsonAnswer(call).body,
    timeoutMs,
  };
  let response: HttpResponse;
  try {
    response = await servicesOf(environment).http.send(request);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const name = error.failure === 'refused' ? 'ConnectException' : 'IOException';
    throw new HdfsException(name, `Call to ${place} failed: ${error.failure}`);
  }
  if (response.headers.get('content-type')?.startsWith('application/json') !== true) {
    throw new HdfsException('IOException', `Call to ${place} failed: status ${response.status}`);
  }
  const fields = fieldsOf(response.body);
  if (response.status === 200) return fields;
  const remote = new Map(Object.entries(fields.get('RemoteException') ?? {}));
  const name: unknown = remote.get('exception');
  const message = String(remote.get('message'));
  throw new HdfsException(isExceptionName(name) ? name : 'IOException', message);
}

/** Of several that say the same, the first that is active; with what was called. */
export async function callActive(
  environment: Environment,
  places: readonly string[],
  call: { readonly method: string; readonly [field: string]: unknown },
): Promise<{ readonly place: string; readonly answer: Fields }> {
  let last: unknown;
  for (const place of places) {
    try {
      return { place, answer: await callRpc(environment, place, call) };
    } catch (error) {
      if (!(error instanceof HdfsException)) throw error;
      if (!['StandbyException', 'ConnectException'].includes(error.exception)) throw error;
      last = error;
    }
  }
  throw last;
}

export function rpcService(handler: RpcHandler): HttpService {
  return {
    handle: (request) =>
      answering(async () => {
        const fields = fieldsOf(request.body ?? new Uint8Array());
        return jsonAnswer(await handler(String(fields.get('method')), fields));
      }),
  };
}

/** Turns the exceptions of HDFS into answers; all others are bugs of the service. */
export async function answering(answer: () => Promise<HttpResponse>): Promise<HttpResponse> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof HdfsException)) throw error;
    return exceptionAnswer(error);
  }
}

function fieldsOf(body: Uint8Array): Fields {
  let text = '';
  for (const byte of body) text += String.fromCharCode(byte);
  const value = JSON.parse(text === '' ? '{}' : text) as object;
  return new Map<string, unknown>(Object.entries(value));
}
