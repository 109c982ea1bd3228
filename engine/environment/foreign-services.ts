// The ports through which a host reaches what is not its own: services over HTTP, an embedded
// store, the variables it was started with. Each has a real and a simulated implementation and one
// contract suite for both.

import { OnceproofError } from '../core/errors.ts';
import type { HttpClient } from './http-client.ts';
import type { KeyValueStores } from './key-value-store.ts';

export interface ForeignServices {
  readonly http: HttpClient;
  readonly keyValueStores: KeyValueStores;
  /**
   * Bytes that nobody can foresee and that never come again: salts, nonces, keys. In a simulation
   * they are drawn from the seed, and differ from boot to boot.
   */
  readonly randomBytes: (length: number) => Uint8Array;
  /** Of the process: credentials, mostly. */
  readonly variable: (name: string) => string | undefined;
}

/** OP-E331 on a host that was given none. */
export function servicesOf(environment: { readonly services?: ForeignServices }): ForeignServices {
  if (environment.services !== undefined) return environment.services;
  throw new OnceproofError('OP-E331', 'This host has no way to reach foreign services', {
    place: 'Environment.services',
    remedy: 'Use nodeEnvironment(), or give your Environment the services it needs',
  });
}
