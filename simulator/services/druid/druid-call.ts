// What a client asks, taken apart.

import type { HttpRequest } from '../../../engine/environment/http-client.ts';
import { utf8ToText } from './utf8.ts';

/** A request as the router passes it on. */
export interface DruidCall {
  readonly method: string;
  /** Decoded, between the slashes. */
  readonly path: readonly string[];
  readonly query: ReadonlyMap<string, string>;
  readonly body: string;
}

export function callOf({ method, url, body }: HttpRequest): DruidCall {
  const [path = '', query = ''] = url.replace(/^https?:\/\/[^/]*\/?/, '').split('?');
  const pairs = query.split('&').map((pair): readonly [string, string] => {
    const [name = '', value = ''] = pair.split('=');
    return [decodeURIComponent(name), decodeURIComponent(value)];
  });
  return {
    method,
    path: path.split('/').map(decodeURIComponent),
    query: new Map(pairs),
    body: body === undefined ? '' : utf8ToText(body),
  };
}
