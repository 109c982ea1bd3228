// Whether something is still under way, as tests of failures ask it.

import { setTimeout as sleep } from 'node:timers/promises';

/** Long enough for a request that should wait to have failed instead. */
const WHILE_MS = 1_500;

/** What has become of a promise after a while, without waiting for more. */
export async function fateAfterAWhile(promise: Promise<unknown>): Promise<'pending' | 'settled'> {
  let fate: 'pending' | 'settled' = 'pending';
  const settle = (): void => {
    fate = 'settled';
  };
  promise.then(settle, settle);
  await sleep(WHILE_MS);
  return fate;
}
