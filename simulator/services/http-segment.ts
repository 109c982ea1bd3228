// What travels between an HTTP client and a server in a world. It stands for TCP: a handshake ties
// a request to one life of the server, the client sends again what is not answered, and numbers
// tell copies from news. One segment carries a whole request or answer. Not modeled: windows, MTU.

import type { HttpRequest, HttpResponse } from '../../engine/environment/http-client.ts';
import type { Flow } from '../flow-rules.ts';

/** `connection` is the client's name for an exchange, `ticket` that of one life of the server. */
export type ClientSegment =
  | { readonly kind: 'open'; readonly connection: string; readonly port: number }
  | {
      readonly kind: 'request';
      readonly connection: string;
      readonly ticket: string;
      readonly request: HttpRequest;
    }
  /** The request was taken; where is the answer? */
  | { readonly kind: 'probe'; readonly connection: string; readonly ticket: string }
  | { readonly kind: 'close'; readonly connection: string; readonly ticket: string };

export type ServerSegment =
  | { readonly kind: 'opened'; readonly connection: string; readonly ticket: string }
  | { readonly kind: 'taken'; readonly connection: string; readonly ticket: string }
  | {
      readonly kind: 'answer';
      readonly connection: string;
      readonly ticket: string;
      readonly response: HttpResponse;
    }
  /** Nobody listens (no ticket), or the exchange is unknown to this life of the server. */
  | { readonly kind: 'reset'; readonly connection: string; readonly ticket: string };

export type Segment = ClientSegment | ServerSegment;

export function isClientSegment(segment: Segment): segment is ClientSegment {
  return ['open', 'request', 'probe', 'close'].includes(segment.kind);
}

/** A head in JSON, written in ASCII, behind its length; then the body as it is. */
export function encodeSegment(segment: Segment): Uint8Array {
  const [head, body] = splitOf(segment);
  const text = asciiJson(head);
  const bytes = new Uint8Array(4 + text.length + body.length);
  new DataView(bytes.buffer).setUint32(0, text.length);
  for (let index = 0; index < text.length; index += 1) bytes[4 + index] = text.charCodeAt(index);
  bytes.set(body, 4 + text.length);
  return bytes;
}

/** Only of what encodeSegment() gave: a network delivers bytes unaltered or not at all. */
export function decodeSegment(bytes: Uint8Array): Segment {
  const headEnd = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  let text = '';
  for (const byte of bytes.subarray(4, headEnd)) text += String.fromCharCode(byte);
  const body = bytes.subarray(headEnd);
  const head = JSON.parse(text) as Head;
  if (head.kind === 'request') return { ...head, request: { ...head.request, body } };
  if (head.kind !== 'answer') return head;
  const { status, headers } = head.response;
  return { ...head, response: { status, headers: new Map(headers), body } };
}

/** For recordings: `request PUT http://namenode:9870/...`. */
export function describeSegment(bytes: Uint8Array): string {
  const segment = decodeSegment(bytes);
  if (segment.kind === 'request') {
    return `http request ${segment.request.method} ${segment.request.url}`;
  }
  return segment.kind === 'answer'
    ? `http answer ${segment.response.status}`
    : `http ${segment.kind}`;
}

/** One exchange is one connection; it begins with the handshake. */
export function flowOfSegment(bytes: Uint8Array): Flow {
  const { kind, connection } = decodeSegment(bytes);
  return { names: [connection], opens: kind === 'open' || kind === 'opened' };
}

/** A segment without its body, and without what JSON does not know. */
type Head =
  | Exclude<Segment, { kind: 'answer' }>
  | {
      readonly kind: 'answer';
      readonly connection: string;
      readonly ticket: string;
      readonly response: {
        readonly status: number;
        readonly headers: readonly (readonly [string, string])[];
      };
    };

const NOTHING = new Uint8Array(0);

function splitOf(segment: Segment): readonly [Head, Uint8Array] {
  if (segment.kind === 'request') {
    const { body = NOTHING, ...request } = segment.request;
    return [{ ...segment, request }, body];
  }
  if (segment.kind !== 'answer') return [segment, NOTHING];
  const { status, headers, body } = segment.response;
  return [{ ...segment, response: { status, headers: [...headers] } }, body];
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\0-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
