// The faults of one simulated service, which outlive its crashes: requests that are refused before
// they are carried out, and answers that are lost after they were. Consulted once a request.

import type { Random } from '../../engine/environment/random.ts';
import type { HttpErrorAnswer } from './http-service.ts';

/** `lost`: carried out, but the client never hears of it. */
export type ServiceEffect = HttpErrorAnswer | 'lost';

export interface ServiceFaultOptions {
  readonly effect: ServiceEffect;
  /** One request in `oneIn` is hit; 1 is all of them. */
  readonly oneIn: number;
  readonly random: Random;
  /** Called each time it hits. */
  readonly injected?: () => void;
}

export class ServiceFaults {
  #active: readonly ServiceFaultOptions[] = [];

  /** Returns what ends it. */
  begin(options: ServiceFaultOptions): () => void {
    const fault = { ...options, random: options.random.fork('strikes') };
    this.#active = [...this.#active, fault];
    return () => {
      this.#active = this.#active.filter((active) => active !== fault);
    };
  }

  /** What happens to the next request; where several faults hit, the first that began. */
  next(): ServiceEffect | undefined {
    let effect: ServiceEffect | undefined;
    // All are asked: each keeps its dice in step.
    for (const fault of this.#active) {
      if (fault.random.below(fault.oneIn) !== 0 || effect !== undefined) continue;
      effect = fault.effect;
      fault.injected?.();
    }
    return effect;
  }
}
