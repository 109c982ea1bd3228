// Lets a simulated host answer HTTP: to be called in its boot, or later once the service is ready.
// Until then, and where it is never called, connections to the host are refused.

import type { SimulatedEnvironment } from './host-services.ts';
import type { HttpService } from './http-service.ts';
import type { ServiceFaults } from './service-faults.ts';

export interface ServeHttpOptions {
  /** Every port that nothing else on the host serves, if absent. */
  readonly port?: number;
  /** Shared by all lives of the host. */
  readonly faults?: ServiceFaults;
}

/** Returns how to stop: new connections are refused then, requests under way are finished. */
export function serveHttp(
  environment: SimulatedEnvironment,
  service: HttpService,
  options: ServeHttpOptions = {},
): () => void {
  return environment.httpServer.serve(options.port ?? 'any', { service, faults: options.faults });
}
