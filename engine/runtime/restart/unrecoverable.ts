// Which failures no restart can heal: the same program over the same data would fail the same way.
// For these the job ends at once, whatever its restart strategy, instead of failing for ever.

import type { FailureCause } from '../messages.ts';

/**
 * OP-E2xx: wrong programs and unreadable data, except 201, what user code threw, which may have
 * been the outside world. OP-E3xx: wrong jobs. OP-E4xx: state that cannot be written or read.
 * OP-E5xx: checkpoints that cannot be restored. 611, 613, 615: an output directory that will never
 * do.
 */
const UNRECOVERABLE = /^OP-E(2(?!01)|[345]|611|613|615)/;

export function isUnrecoverable({ code }: Pick<FailureCause, 'code'>): boolean {
  return code !== undefined && UNRECOVERABLE.test(code);
}
