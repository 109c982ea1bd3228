// What is to come, where events that are ready at the same time may run in another order than they
// were asked for. Lanes keep theirs. Virtual time never goes back, and no lane waits for ever.

import type { Chooser } from '../schedule/choosers.ts';
import type { KernelEvent } from './event.ts';
import { EventQueue } from './event-queue.ts';

/** What the kernel asks of its queue. */
export interface Agenda {
  push(event: KernelEvent): void;
  /** The next event, without removing it. */
  peek(): KernelEvent | undefined;
  pop(): KernelEvent | undefined;
  /** Must be called once for each event in it that was cancelled. */
  noteCancelled(event: KernelEvent): void;
}

/** Lanes that ask for more and more at the same moment do not keep the others out for longer. */
const CHOICES_PER_MOMENT = 2_000;

export class ChosenAgenda implements Agenda {
  readonly #later = new EventQueue<KernelEvent>();
  readonly #choose: Chooser;
  /** Due at the same moment, in the order in which they were asked for. */
  #ready: KernelEvent[] = [];
  #readyMs = 0;
  #next: KernelEvent | undefined;
  #choicesNow = 0;

  constructor(choose: Chooser) {
    this.#choose = choose;
  }

  push(event: KernelEvent): void {
    if (this.#ready.length > 0 && event.timeMs < this.#readyMs) this.#recall();
    this.#later.push(event);
  }

  peek(): KernelEvent | undefined {
    if (this.#next === undefined || this.#next.isCancelled) this.#next = this.#chosen();
    return this.#next;
  }

  pop(): KernelEvent | undefined {
    const next = this.peek();
    this.#next = undefined;
    if (next !== undefined) this.#ready.splice(this.#ready.indexOf(next), 1);
    return next;
  }

  noteCancelled(event: KernelEvent): void {
    if (!this.#ready.includes(event)) this.#later.noteCancelled();
  }

  #chosen(): KernelEvent | undefined {
    this.#gather();
    const firsts = new Map<string, KernelEvent>();
    for (const event of this.#ready) {
      const lane = laneOf(event);
      if (!firsts.has(lane)) firsts.set(lane, event);
    }
    const events = [...firsts.values()];
    if (events.length < 2 || this.#choicesNow >= CHOICES_PER_MOMENT) return events[0];
    this.#choicesNow += 1;
    return events[this.#choose([...firsts.keys()])];
  }

  /** Takes in all that is due when the first event is. The dead have no say. */
  #gather(): void {
    this.#ready = this.#ready.filter(canRun);
    for (;;) {
      const event = this.#later.peek();
      if (event === undefined) return;
      if (this.#ready.length > 0 && event.timeMs > this.#readyMs) return;
      this.#later.pop();
      if (event.timeMs > this.#readyMs) this.#choicesNow = 0;
      this.#readyMs = event.timeMs;
      if (canRun(event)) this.#ready.push(event);
    }
  }

  /** Something is due earlier after all. */
  #recall(): void {
    for (const event of this.#ready) if (canRun(event)) this.#later.push(event);
    this.#ready = [];
    this.#next = undefined;
  }
}

function canRun({ isCancelled, owner }: KernelEvent): boolean {
  return !isCancelled && owner.isAlive;
}

/** What keeps its order among itself, whoever chooses. */
function laneOf({ owner, kind, from }: KernelEvent): string {
  if (!owner.isHost) return 'world';
  if (kind === 'message') return `${from} to ${owner.name}`;
  return kind === 'io' ? `io of ${owner.name}` : owner.name;
}
