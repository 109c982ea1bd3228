// A world with a simulated S3 server and one client host, for tests of the engine's store against
// it. Calls of a store run as steps of the client's host; `settle` lets the world go on until their
// outcome is known.

import { S3ArtefactStore } from '../../engine/checkpoint/s3/s3-artefact-store.ts';
import type { S3Options } from '../../engine/checkpoint/s3/s3-options.ts';
import type { Environment } from '../../engine/environment/environment.ts';
import type { HttpClient } from '../../engine/environment/http-client.ts';
import { address } from '../../engine/environment/network.ts';
import { SimulatedDisk } from '../../simulator/filesystem/simulated-disk.ts';
import type { StepScope } from '../../simulator/kernel/scope.ts';
import { macrotask } from '../../simulator/kernel/macrotask.ts';
import { describeOutcome } from '../../simulator/kernel/outcome.ts';
import type { Seed } from '../../simulator/random.ts';
import type { SimulatedEnvironment } from '../../simulator/services/host-services.ts';
import { bootS3 } from '../../simulator/services/s3/boot-s3.ts';
import type { SimulatedS3Options } from '../../simulator/services/s3/simulated-s3.ts';
import { ServiceFaults } from '../../simulator/services/service-faults.ts';
import { World } from '../../simulator/world.ts';

export const S3_HOST = address('s3');
export const S3_CLIENT = address('tm-1');
export const S3_KEY = { accessKeyId: 'AKIDONCEPROOF', secretAccessKey: 'secret/of+onceproof' };
/** So small that a few hundred bytes go up in parts. */
export const S3_PART_BYTES = 256;

export interface S3WorldOptions {
  readonly seed?: Seed;
  readonly server?: Partial<SimulatedS3Options>;
  readonly scope?: StepScope;
  /** Stands between the store and the network: sees requests, and may lose answers. */
  readonly wire?: (client: HttpClient) => HttpClient;
}

export interface S3World {
  readonly world: World;
  readonly disk: SimulatedDisk;
  readonly faults: ServiceFaults;
  /** Of the latest life of the client's host. */
  readonly environment: () => Environment;
  readonly store: (url?: string, options?: S3Options) => S3ArtefactStore;
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
  /** Until `timeMs` of virtual time have passed. */
  readonly pass: (timeMs: number) => Promise<void>;
  readonly crashServer: () => void;
}

function s3World(options: S3WorldOptions = {}): S3World {
  const { seed = '00000000000053a3', scope } = options;
  const world = new World({ seed, drain: macrotask, ...(scope === undefined ? {} : { scope }) });
  const disk = new SimulatedDisk({ random: world.random.fork('s3-disk') });
  const faults = new ServiceFaults();
  world.addHost(S3_HOST, {
    disk,
    boot: (environment) => {
      const server = {
        buckets: ['bucket'],
        keys: [S3_KEY],
        minPartBytes: S3_PART_BYTES,
        pageSize: 7,
        ...options.server,
      };
      bootS3(environment, server, { faults });
    },
  });
  let client: Environment | undefined;
  world.addHost(S3_CLIENT, {
    boot: (environment) => {
      client = stepping(environment, world, options.wire);
    },
  });
  const environment = (): Environment => {
    if (client === undefined) throw new Error('Cannot use the client: the world has not run yet');
    return client;
  };
  return {
    world,
    disk,
    faults,
    environment,
    store: (url = 's3://bucket/flights', more = {}) =>
      new S3ArtefactStore(url, { ...DEFAULTS, ...more }, environment()),
    settle: (promise) => settle(world, promise),
    pass: async (timeMs) => {
      let isOver = false;
      world.at(world.nowMs + timeMs, 'passed', () => {
        isOver = true;
      });
      await world.run({ until: () => isOver, deadlineMs: world.nowMs + timeMs + 1 });
    },
    crashServer: () => {
      world.crash(S3_HOST);
      world.restart(S3_HOST);
    },
  };
}

/** A world in which both hosts are up. */
export async function startS3World(options: S3WorldOptions = {}): Promise<S3World> {
  const started = s3World(options);
  await started.pass(1000);
  return started;
}

const DEFAULTS: S3Options = {
  endpoint: 'http://s3:9000',
  credentials: S3_KEY,
  partBytes: S3_PART_BYTES,
};

/** Requests leave in a step of the host, though a test calls the store between two of them. */
function stepping(
  environment: SimulatedEnvironment,
  world: World,
  wire: (client: HttpClient) => HttpClient = (client) => client,
): Environment {
  const { services } = environment;
  const send: HttpClient['send'] = (request) =>
    new Promise((resolve, reject) => {
      world.at(world.nowMs, 'send', () => {
        services.http.send(request).then(resolve, reject);
      });
    });
  return { ...environment, services: { ...services, http: wire({ send }) } };
}

async function settle<T>(world: World, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const note = (): void => {
    isSettled = true;
  };
  promise.then(note, note);
  const outcome = await world.run({ until: () => isSettled, deadlineMs: world.nowMs + 600_000 });
  if (outcome.kind !== 'reached') throw new Error(describeOutcome(outcome));
  return promise;
}
