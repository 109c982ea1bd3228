// The contracts of the seam, kept by the simulated clock, network and dice.

import type { ClockBench } from '../engine/environment/clock.contract.ts';
import { clockContract } from '../engine/environment/clock.contract.ts';
import { address } from '../engine/environment/network.ts';
import { type NetworkBench, networkContract } from '../engine/environment/network.contract.ts';
import { randomContract } from '../engine/environment/random.contract.ts';
import { HostTime, SimulatedClock } from './clock.ts';
import { Kernel } from './kernel/kernel.ts';
import { macrotask } from './kernel/macrotask.ts';
import { describeOutcome } from './kernel/outcome.ts';
import { type Endpoint, SimulatedNetwork } from './network.ts';
import { SeededRandom } from './random.ts';

function endpointOf(name: string, index: number): Endpoint {
  return {
    address: address(name),
    index,
    name,
    isHost: true,
    isAlive: true,
    isPaused: false,
    held: [],
    receive: undefined,
  };
}

async function runUntil(kernel: Kernel, until: () => boolean): Promise<void> {
  const outcome = await kernel.run({ until, deadlineMs: 1_000_000 });
  if (outcome.kind !== 'reached') throw new Error(describeOutcome(outcome));
}

function openClock(driftPpm: number): ClockBench {
  const kernel = new Kernel({ drain: macrotask });
  const time = new HostTime(kernel, { wallMs: 1_600_000_000_000, driftPpm });
  return {
    clock: new SimulatedClock(kernel, endpointOf('tm-1', 1), time),
    until: (isDone) => runUntil(kernel, isDone),
  };
}

function openNetwork(): NetworkBench {
  const kernel = new Kernel({ drain: macrotask });
  const hosts = new Map<string, Endpoint>();
  const network = new SimulatedNetwork({
    kernel,
    random: new SeededRandom('00000000000000ee'),
    endpointAt: (name) => hosts.get(name),
  });
  return {
    host: (name) => {
      const endpoint = endpointOf(name, hosts.size + 1);
      hosts.set(name, endpoint);
      return network.attach(endpoint);
    },
    until: (isDone) => runUntil(kernel, isDone),
  };
}

clockContract('SimulatedClock', () => openClock(0));
clockContract('SimulatedClock that runs fast', () => openClock(230_000));
clockContract('SimulatedClock that runs slow', () => openClock(-230_000));
networkContract('SimulatedNetwork', openNetwork);
randomContract('SeededRandom', (seed) => new SeededRandom(seed));
