// One host in the real world: the machine's clock, files and chance, its sockets for HTTP, and a
// network that reaches the hosts of the same process.

import type { Environment } from '../environment.ts';
import { type Address, address, type Network } from '../network.ts';
import { LoopbackNetwork } from './loopback-network.ts';
import { NodeClock } from './node-clock.ts';
import { NodeFileSystem } from './node-filesystem.ts';
import { nodeHttpClient } from './node-http-client.ts';
import { NodeKeyValueStores } from './node-key-value-stores.ts';
import { nodeRandom, nodeRandomBytes } from './node-random.ts';

export interface NodeEnvironmentOptions {
  /** `local`, if absent. */
  readonly address?: Address;
  /** The directory that '/' means; the root of the machine, if absent. */
  readonly root?: string;
  /** How other hosts are reached; a network with this host alone, if absent. */
  readonly network?: Network;
}

export function nodeEnvironment(options: NodeEnvironmentOptions = {}): Environment {
  const local = options.address ?? address('local');
  return {
    clock: new NodeClock(),
    network: options.network ?? new LoopbackNetwork().open(local),
    filesystem: new NodeFileSystem(options.root),
    random: nodeRandom(),
    services: {
      http: nodeHttpClient(),
      keyValueStores: new NodeKeyValueStores(options.root),
      randomBytes: nodeRandomBytes,
      variable: (name) => process.env[name],
    },
    expectContinuations: () => undefined,
  };
}
