// Answers in the words of Druid 33, so that the client meets what it will meet.

import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { HttpResponse } from '../../../engine/environment/http-client.ts';

export function jsonAnswer(body: unknown, status = 200): HttpResponse {
  const headers = new Map([['content-type', 'application/json']]);
  return { status, headers, body: utf8ToBytes(JSON.stringify(body)) };
}

export function textAnswer(status: number, text: string): HttpResponse {
  return { status, headers: new Map([['content-type', 'text/plain']]), body: utf8ToBytes(text) };
}

/** Since Druid 27. */
export function druidException(errorCode: string, errorMessage: string): HttpResponse {
  const whose = { persona: 'USER', category: 'INVALID_INPUT' };
  const body = { error: 'druidException', errorCode, ...whose, errorMessage, context: {} };
  return jsonAnswer(body, 400);
}

/** Of a body that is no task. */
export function badSpecification(error: string): HttpResponse {
  return jsonAnswer({ error }, 400);
}
