// Which TaskManagers are alive and which slots they offer. A slot holds one subtask of every vertex
// (Flink's slot sharing), so subtask i of all vertices runs in slot i, and stays there if it can.

import { buggify } from '../../core/buggify.ts';
import type { Address } from '../../environment/network.ts';
import type { TaskManagerSession } from '../messages.ts';

export interface RegisteredTaskManager {
  readonly host: Address;
  readonly slots: number;
  readonly session: TaskManagerSession;
  lastHeartbeatMs: number;
}

export class SlotPool {
  readonly #taskManagers = new Map<Address, RegisteredTaskManager>();
  /** By slot index. */
  readonly #assigned = new Map<number, Address>();

  get taskManagers(): readonly RegisteredTaskManager[] {
    return [...this.#taskManagers.values()].sort((a, b) => (a.host < b.host ? -1 : 1));
  }

  get(host: Address): RegisteredTaskManager | undefined {
    return this.#taskManagers.get(host);
  }

  register(taskManager: RegisteredTaskManager): void {
    this.#taskManagers.set(taskManager.host, taskManager);
  }

  remove(host: Address): void {
    this.#taskManagers.delete(host);
    for (const [slot, assigned] of this.#assigned) {
      if (assigned === host) this.#assigned.delete(slot);
    }
  }

  /** Gives each of slots 0..needed-1 a host. False if there are too few; then try again later. */
  assign(needed: number): boolean {
    for (let slot = 0; slot < needed; slot++) {
      if (this.#assigned.has(slot)) continue;
      const free = this.#mostFree();
      if (free === undefined) return false;
      this.#assigned.set(slot, free);
    }
    return true;
  }

  hostOf(slot: number): Address | undefined {
    return this.#assigned.get(slot);
  }

  get slotsTotal(): number {
    return this.taskManagers.reduce((sum, { slots }) => sum + slots, 0);
  }

  // Spreads subtasks over hosts; ties go to the smaller address.
  #mostFree(): Address | undefined {
    const isFewest = buggify('a slot is taken where fewest are free');
    let best: Place | undefined;
    for (const { host, slots } of this.taskManagers) {
      const used = [...this.#assigned.values()].filter((assigned) => assigned === host).length;
      const place = { host, free: slots - used };
      if (place.free <= 0) continue;
      if (best === undefined || (isFewest ? isFreer(best, place) : isFreer(place, best))) {
        best = place;
      }
    }
    return best?.host;
  }
}

interface Place {
  readonly host: Address;
  readonly free: number;
}

function isFreer(one: Place, other: Place): boolean {
  return one.free > other.free;
}
