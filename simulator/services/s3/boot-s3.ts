// The program of a host that is an S3 server: reads its disk, then answers. Connections are refused
// until it has. A disk that fails at the start is tried again.

import { delay } from '../../../engine/environment/delay.ts';
import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import type { SimulatedEnvironment } from '../host-services.ts';
import { serveHttp, type ServeHttpOptions } from '../serve-http.ts';
import { SimulatedS3, type SimulatedS3Options } from './simulated-s3.ts';

const RETRY_MS = 1000;

export function bootS3(
  environment: SimulatedEnvironment,
  options: SimulatedS3Options,
  serving: ServeHttpOptions = {},
): void {
  environment.expectContinuations();
  void serveOnceOpen(environment, options, serving);
}

async function serveOnceOpen(
  environment: SimulatedEnvironment,
  options: SimulatedS3Options,
  serving: ServeHttpOptions,
): Promise<void> {
  for (;;) {
    try {
      serveHttp(environment, await SimulatedS3.open(environment, options), serving);
      return;
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      await delay(environment, RETRY_MS);
    }
  }
}
