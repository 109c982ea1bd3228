// The program of a host that is a Druid: reads its disk, then answers. Connections are refused
// until it has. A disk that fails at the start is tried again.

import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import type { SimulatedEnvironment } from '../host-services.ts';
import { serveHttp, type ServeHttpOptions } from '../serve-http.ts';
import { SimulatedDruid, type SimulatedDruidOptions } from './simulated-druid.ts';

const RETRY_MS = 1_000;

export function bootDruid(
  environment: SimulatedEnvironment,
  options: SimulatedDruidOptions = {},
  serving: ServeHttpOptions = {},
): void {
  environment.expectContinuations();
  void SimulatedDruid.open(environment, options).then(
    (druid) => serveHttp(environment, druid, serving),
    (error: unknown) => {
      if (!(error instanceof FileSystemError)) throw error;
      environment.clock.schedule(RETRY_MS, () => bootDruid(environment, options, serving));
    },
  );
}
