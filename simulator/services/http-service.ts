// What a simulated service is to the HTTP machinery of its host: a function from requests to
// answers. Requests of one client may run at the same time and in any order, as over several
// connections. It is made anew at every boot; what must survive a crash it keeps on its disk.

import type { HttpRequest, HttpResponse } from '../../engine/environment/http-client.ts';

/** Answers that a busy or broken server, or a proxy before it, gives instead of carrying out. */
export type HttpErrorAnswer = 'unavailable' | 'throttled' | 'server-error';

export interface HttpService {
  /**
   * `url` is as the client wrote it; header names are in lower case. A FileSystemError becomes a
   * 500; whatever else it throws is a bug of the service and ends the run.
   */
  handle(request: HttpRequest): Promise<HttpResponse> | HttpResponse;
  /**
   * What it gets of a request whose connection breaks, if it carries out what is not whole. By
   * default all of it.
   */
  torn?(request: HttpRequest): HttpRequest;
  /** How this kind of server says so; by default a status with a line of text. */
  refuse?(answer: HttpErrorAnswer, request: HttpRequest): HttpResponse;
}

const STATUS_OF: Readonly<Record<HttpErrorAnswer, number>> = {
  unavailable: 503,
  throttled: 429,
  'server-error': 500,
};

export function refusalOf(
  service: HttpService,
  answer: HttpErrorAnswer,
  request: HttpRequest,
): HttpResponse {
  if (service.refuse !== undefined) return service.refuse(answer, request);
  const body = Uint8Array.from(answer, (letter) => letter.charCodeAt(0));
  return { status: STATUS_OF[answer], headers: new Map([['content-type', 'text/plain']]), body };
}
