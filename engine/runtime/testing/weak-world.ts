// Hosts under test on one clock that is moved by hand, and a network between them that does to each
// packet what the test says: lose it, repeat it, delay it, so that later ones overtake it. Links
// can be cut one way, hosts restarted. What is in flight survives the restart of either end.

import { CrashableFileSystem } from '../../checkpoint/testing/crashable-file-system.ts';
import { ManualClock } from '../../connector/testing/manual-clock.ts';
import type { Environment } from '../../environment/environment.ts';
import { type Address, address } from '../../environment/network.ts';
import { SeededRandom } from '../../environment/seeded-random.ts';
import { BoundedClock } from '../bounded-clock.ts';

/** When a packet arrives, in milliseconds from now, once for each copy; empty: never. */
export type Fate = (from: Address, to: Address, bytes: Uint8Array) => readonly number[];

type Receive = (from: Address, bytes: Uint8Array) => void;

export const PROMPT: Fate = () => [1];

export class WeakWorld {
  readonly clock = new ManualClock();
  /** Shared by all hosts. */
  readonly filesystem = new CrashableFileSystem();
  fate: Fate;
  sent = 0;
  readonly #receivers = new Map<Address, Receive>();
  readonly #clocks = new Map<Address, BoundedClock>();
  readonly #lives = new Map<Address, number>();
  readonly #cuts = new Set<string>();

  constructor(fate: Fate = PROMPT) {
    this.fate = fate;
  }

  /** Begins the next life of a host; the one before, if any, is dead from here on. */
  boot(name: string): Environment {
    const local = address(name);
    this.stop(name);
    const life = this.lifeOf(name) + 1;
    this.#lives.set(local, life);
    const clock = new BoundedClock(this.clock);
    this.#clocks.set(local, clock);
    return {
      clock,
      network: {
        local,
        send: (to, bytes) => {
          if (this.lifeOf(name) === life) this.#send(local, to, bytes);
        },
        listen: (receive) => void this.#receivers.set(local, receive),
      },
      filesystem: this.filesystem,
      random: new SeededRandom(`${name}/${life}`),
      expectContinuations: () => {},
    };
  }

  stop(name: string): void {
    this.#clocks.get(address(name))?.close();
    this.#receivers.delete(address(name));
  }

  lifeOf(name: string): number {
    return this.#lives.get(address(name)) ?? 0;
  }

  cut(from: string, to: string): void {
    this.#cuts.add(`${from}>${to}`);
  }

  heal(): void {
    this.#cuts.clear();
    this.fate = PROMPT;
  }

  advance(byMs: number): void {
    this.clock.advance(byMs);
  }

  /** Time passes in small steps, and promises get their turn after each. */
  async settle(byMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < byMs; passedMs += 1) {
      this.clock.advance(1);
      for (let turn = 0; turn < 12; turn++) await Promise.resolve();
    }
  }

  #send(from: Address, to: Address, bytes: Uint8Array): void {
    this.sent++;
    if (this.#cuts.has(`${from}>${to}`)) return;
    for (const delayMs of this.fate(from, to, bytes)) {
      this.clock.schedule(delayMs, () => this.#receivers.get(to)?.(from, bytes));
    }
  }
}
