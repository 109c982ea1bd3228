// What one life of a simulated host has beside its clock, network and disk: HTTP, as a client and
// as a server, embedded stores on its disk, and the variables it was started with.

import type { Environment } from '../../engine/environment/environment.ts';
import type { ForeignServices } from '../../engine/environment/foreign-services.ts';
import type { Address, Network } from '../../engine/environment/network.ts';
import { decodeSegment, isClientSegment } from './http-segment.ts';
import { simulatedKeyValueStores } from './lsm/simulated-key-value-stores.ts';
import { simulatedRandomBytes } from './random-bytes.ts';
import { SimulatedHttpClient } from './simulated-http-client.ts';
import { SimulatedHttpServer } from './simulated-http-server.ts';

/** What the program of a simulated host gets; `serveHttp` is how a service uses `httpServer`. */
export interface SimulatedEnvironment extends Environment {
  readonly services: ForeignServices;
  readonly httpServer: SimulatedHttpServer;
}

export interface HostServicesOptions {
  /** The channel of segments below HTTP. */
  readonly segments: Network;
  readonly variables: ReadonlyMap<string, string>;
  /** Says who waits for what, until the function that it returns is called. */
  readonly park: (label: string) => () => void;
}

export function withServices(
  environment: Environment,
  options: HostServicesOptions,
): SimulatedEnvironment {
  const { segments, variables, park } = options;
  const endpoint = {
    clock: environment.clock,
    random: environment.random.fork('http'),
    send: (to: Address, bytes: Uint8Array) => segments.send(to, bytes),
    expectContinuations: () => environment.expectContinuations(),
  };
  const http = new SimulatedHttpClient({ ...endpoint, park });
  const httpServer = new SimulatedHttpServer(endpoint);
  segments.listen((from, bytes) => {
    const segment = decodeSegment(bytes);
    if (isClientSegment(segment)) httpServer.receive(from, segment);
    else http.receive(segment);
  });
  return {
    ...environment,
    httpServer,
    services: {
      http,
      keyValueStores: simulatedKeyValueStores(environment.filesystem),
      randomBytes: simulatedRandomBytes(environment.random),
      variable: (name) => variables.get(name),
    },
  };
}
