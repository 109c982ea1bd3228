// A host of a person who looks after the services: no part of the cluster, never struck by faults.
// What is done from it is tried again for a while where a service does not answer.

import { assert } from '../../../engine/core/assert.ts';
import type { Environment } from '../../../engine/environment/environment.ts';
import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import { type Address, address } from '../../../engine/environment/network.ts';
import type { World } from '../../../simulator/index.ts';

const NAME = 'admin';
const RETRY_MS = 250;
const ATTEMPTS_MAX = 40;

export class Administrator {
  readonly #world: World;
  #environment: Environment | undefined;

  constructor(world: World) {
    this.#world = world;
    world.addHost(freeName(world), {
      boot: (environment) => {
        this.#environment = environment;
      },
    });
  }

  /** `then` runs as a step of the world; with undefined if it could not be done. */
  perform<T>(
    operation: (environment: Environment) => Promise<T>,
    then: (result: T | undefined) => void,
    attempt = 1,
  ): void {
    const environment = this.#environment;
    assert(environment !== undefined, 'Cannot look at artefacts: the world has not begun');
    const end = (result: T | undefined): void => {
      this.#world.at(this.#world.nowMs, 'look at artefacts', () => then(result));
    };
    const failed = (error: unknown): void => {
      if (!(error instanceof FileSystemError)) throw error;
      if (attempt === ATTEMPTS_MAX) return end(undefined);
      environment.clock.schedule(RETRY_MS, () => this.perform(operation, then, attempt + 1));
    };
    environment.clock.schedule(0, () => {
      environment.expectContinuations();
      operation(environment).then(end, failed);
    });
  }
}

/** A world may have several services, each with somebody who looks after it. */
function freeName({ hosts }: World): Address {
  const taken = hosts.filter((host) => host.startsWith(NAME)).length;
  return address(taken === 0 ? NAME : `${NAME}-${taken + 1}`);
}
