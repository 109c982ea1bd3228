// What may go wrong below the model's job for a while: a host of the backend's service loses power,
// its answers are errors or are lost, disks fail. Ends by itself in virtual time, or all at once.

import { present } from '../../../engine/core/assert.ts';
import type { FaultHandle, ServiceEffect, SimulatedDisk } from '../../../simulator/index.ts';
import type { ServiceHost } from '../../cluster/backends/backend-profile.ts';
import type { ModelStage } from './model-stage.ts';

interface Lasting {
  /** Which of the hosts of a service is struck, counted round. */
  readonly service: number;
  readonly forMs: number;
}

export type Trouble =
  | (Lasting & { readonly kind: 'power-loss' })
  | (Lasting & {
      readonly kind: 'http';
      readonly effect: ServiceEffect;
      readonly oneIn: number;
    })
  | (Lasting & {
      readonly kind: 'disk';
      readonly failure: 'io-error' | 'sync-failure' | 'no-space';
      readonly oneIn: number;
    });

export class ModelTroubles {
  readonly #stage: ModelStage;
  #heals: readonly (() => void)[] = [];
  #count = 0;

  constructor(stage: ModelStage) {
    this.#stage = stage;
  }

  begin(trouble: Trouble): void {
    const { world } = this.#stage;
    const heal = this.#strike(trouble);
    this.#heals = [...this.#heals, heal];
    world.at(world.nowMs + trouble.forMs, `heal ${trouble.kind}`, heal);
  }

  healAll(): void {
    for (const heal of this.#heals) heal();
    this.#heals = [];
  }

  /** Gives what ends it; again does nothing. */
  #strike(trouble: Trouble): () => void {
    const { services } = this.#stage.profile;
    const service = services[trouble.service % services.length];
    if (trouble.kind === 'disk') return this.#failDisk(trouble, service);
    if (service === undefined) return () => undefined;
    if (trouble.kind === 'power-loss') return this.#cutPower(service);
    const { effect, oneIn } = trouble;
    const random = this.#stage.world.random.fork(`trouble ${this.#count++}`);
    return service.faults.begin({ effect, oneIn, random });
  }

  #cutPower({ address }: ServiceHost): () => void {
    const { world } = this.#stage;
    const isUp = world.stateOf(address) === 'up';
    if (!isUp) return () => undefined;
    world.crash(address);
    return () => {
      if (world.stateOf(address) === 'down') world.restart(address);
    };
  }

  /** Of the service, or of the cluster where there is none. */
  #failDisk(
    { failure, oneIn }: Extract<Trouble, { readonly kind: 'disk' }>,
    service: ServiceHost | undefined,
  ): () => void {
    const handle = failing(service?.disk ?? this.#stage.disk, failure, 1 / oneIn);
    return () => handle.heal();
  }
}

function failing(
  { faults }: SimulatedDisk,
  failure: Extract<Trouble, { readonly kind: 'disk' }>['failure'],
  probability: number,
): FaultHandle {
  const begin = {
    'io-error': () => faults.ioError({ probability }),
    'sync-failure': () => faults.syncFailure({ probability }),
    'no-space': () => faults.noSpace({ probability }),
  };
  return present(begin[failure], `Cannot begin ${failure}`)();
}
