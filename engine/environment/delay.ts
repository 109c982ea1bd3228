// A pause of asynchronous code, on the clock of its host. It ends with the host.

import type { Environment } from './environment.ts';

/**
 * Resolves `waitMs` from now. For code that ActorSystem.io has started, or a service of its own.
 */
export function delay(
  environment: Pick<Environment, 'clock' | 'expectContinuations'>,
  waitMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    environment.clock.schedule(waitMs, () => {
      environment.expectContinuations();
      resolve();
    });
  });
}
