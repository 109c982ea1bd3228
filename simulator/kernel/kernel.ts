// The event loop of a world: one queue, virtual time from 0, and exact quiescence. A step runs
// synchronously; microtasks are drained only after a step that settled a promise of the world, as
// no other step makes a continuation runnable. It knows owners, not hosts, files or packets.

import { assert, InvariantViolation } from '../../engine/core/assert.ts';
import { OnceproofError } from '../../engine/core/errors.ts';
import { Trace, type Recording } from '../trace.ts';
import { KernelEvent, type Owner } from './event.ts';
import { EventQueue } from './event-queue.ts';
import { type Agenda, ChosenAgenda } from './agenda.ts';
import type { Chooser } from '../schedule/choosers.ts';
import type { Drain } from './macrotask.ts';
import { Origin } from './origin.ts';
import type { HostFailure, Outcome, Parked } from './outcome.ts';
import { openScope, type StepScope } from './scope.ts';

export interface KernelOptions {
  readonly drain: Drain;
  readonly record?: Recording;
  readonly maxSteps?: number;
  readonly scope?: StepScope;
  /** Who goes first of what is ready at the same time; by default what was asked for first. */
  readonly choose?: Chooser;
  /**
   * Decides what an error in a host means; by default it ends the run. Not asked about broken
   * invariants and ambient uses: they always do.
   */
  readonly onHostError?: (failure: HostFailure) => 'stop' | 'continue';
}

export interface Goal {
  /** Asked before the first step and after each. Must be cheap and must change nothing. */
  readonly until: () => boolean;
  /** Virtual time at which the run ends at the latest; events due then still run. */
  readonly deadlineMs: number;
}

/** Enough for every sensible scenario, few enough to stop a livelock within a minute. */
const DEFAULT_MAX_STEPS = 20_000_000;

export class Kernel {
  readonly trace: Trace;
  readonly scope: StepScope;
  readonly #queue: Agenda;
  readonly #parked = new Set<ParkedPromise>();
  /** By the number of the step that they go before. */
  readonly #breakpoints = new Map<number, readonly (() => void)[]>();
  readonly #drain: Drain;
  readonly #maxSteps: number;
  readonly #onHostError: (failure: HostFailure) => 'stop' | 'continue';
  #nowMs = 0;
  #sequence = 0;
  #step = 0;
  #current: KernelEvent | undefined;
  #failure: HostFailure | undefined;
  #mustDrain = true;
  #drainedStep = -1;
  #isRunning = false;

  constructor(options: KernelOptions) {
    this.trace = new Trace(options.record ?? 'none');
    this.scope = options.scope ?? openScope;
    this.#queue =
      options.choose === undefined
        ? new EventQueue<KernelEvent>()
        : new ChosenAgenda(options.choose);
    this.#drain = options.drain;
    this.#maxSteps = options.maxSteps ?? DEFAULT_MAX_STEPS;
    this.#onHostError = options.onHostError ?? (() => 'stop');
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** The number of the step that is running or ran last; steps count from 1. */
  get step(): number {
    return this.#step;
  }

  /** Queues an event `delayMs` from now, after everything that is already due then. */
  enqueue(delayMs: number, event: KernelEvent): KernelEvent {
    assert(Number.isInteger(delayMs) && delayMs >= 0, `Cannot schedule ${delayMs} ms from now`);
    event.timeMs = this.#nowMs + delayMs;
    event.cause = this.#step;
    this.#sequence += 1;
    event.sequence = this.#sequence;
    this.#queue.push(event);
    return event;
  }

  cancel(event: KernelEvent): void {
    // A sequence of 0 marks an event that is not in the queue: it ran, or it is held.
    if (event.isCancelled) return;
    event.isCancelled = true;
    if (event.sequence > 0) this.#queue.noteCancelled(event);
  }

  /**
   * A promise that settles in an event of `owner`, `delayMs` from now, with what `work` returns or
   * throws; never, if the owner dies first.
   */
  perform<T>(owner: Owner, label: string, delayMs: number, work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (!owner.isAlive) return;
      const parked = { owner, label, sinceMs: this.#nowMs, origin: this.#origin() };
      this.#parked.add(parked);
      const complete = () => {
        this.#parked.delete(parked);
        this.#mustDrain = true;
        this.scope.unguarded(() => settle(work, resolve, reject));
      };
      this.enqueue(delayMs, new KernelEvent(owner, 'io', label, complete));
    });
  }

  /** Shows in `parked` what others settle, until the function that it returns is called. */
  park(owner: Owner, label: string): () => void {
    const parked = { owner, label, sinceMs: this.#nowMs, origin: this.#origin() };
    if (owner.isAlive) this.#parked.add(parked);
    return () => {
      this.#parked.delete(parked);
    };
  }

  /** The step that is running starts promises that the world did not hand out. */
  drainAfterStep(): void {
    this.#mustDrain = true;
  }

  /** Lets `owner` die: its events never run, and its promises never settle. */
  kill(owner: Owner): void {
    owner.isAlive = false;
    owner.held.length = 0;
    for (const parked of this.#parked) if (parked.owner === owner) this.#parked.delete(parked);
  }

  /** Runs what came due during the pause, in that order, from now on. */
  wake(owner: Owner): void {
    owner.isPaused = false;
    for (const event of owner.held.splice(0)) {
      if (event.isCancelled) continue;
      const { cause } = event;
      this.enqueue(0, event).cause = cause;
    }
  }

  /** Blames an error on the step that is running: for what surfaces outside of the event itself. */
  fail(error: unknown): void {
    const event = this.#current;
    const failure = {
      host: event?.owner.name ?? 'world',
      step: this.#step,
      timeMs: this.#nowMs,
      label: event?.label ?? 'before the first step',
      error,
    };
    // A bug of the engine, or a run that cannot be replayed, is not for the world to survive.
    const isFatal = error instanceof InvariantViolation || isAmbientUse(error);
    if (isFatal || this.#onHostError(failure) === 'stop') this.#failure ??= failure;
  }

  /** Puts a remark into the recording; it does not change the digest. */
  note(text: string): void {
    if (!this.trace.isRecording) return;
    const host = this.#current?.owner.name ?? 'world';
    const { nowMs: timeMs, step } = this;
    this.trace.record({ step, timeMs, host, kind: 'note', text, cause: step });
  }

  /** What is waited for: the promises that are not settled, in the order of their making. */
  parked(): readonly Parked[] {
    return [...this.#parked].map(({ owner, label, sinceMs, origin }) => {
      const from = origin?.text;
      return {
        host: owner.name,
        label: owner.isPaused ? `${label} (paused)` : label,
        sinceMs,
        ...(from === undefined ? {} : { askedIn: from }),
      };
    });
  }

  /** Runs `action` right before the step of this number, and after all that the one before did. */
  beforeStep(step: number, action: () => void): void {
    assert(step > this.#step, `Cannot act before step ${step}: it is over`);
    this.#breakpoints.set(step, [...(this.#breakpoints.get(step) ?? []), action]);
  }

  async run(goal: Goal): Promise<Outcome> {
    assert(!this.#isRunning, 'Cannot run a world that is running');
    this.#isRunning = true;
    // The drained moment is exact only when asked for from within a microtask.
    await this.#drain(() => undefined);
    let outcome = this.#advance(goal);
    while (outcome === undefined) {
      await this.#quiesce();
      outcome = this.#advance(goal);
    }
    this.#isRunning = false;
    return outcome;
  }

  /** Steps until the run ends, or until microtasks must be drained first: then undefined. */
  #advance(goal: Goal): Outcome | undefined {
    while (!this.#mustDrain) {
      if (this.#mustBreak()) continue;
      const ending = this.#endingOf(goal);
      if (ending === undefined) {
        this.#deliverNext();
      } else if (this.#drainedStep === this.#step) {
        return ending;
      } else {
        // A host may have a continuation that no promise of the world set off.
        this.#mustDrain = true;
      }
    }
    return undefined;
  }

  /** Acts before the next step, where that was asked for. True if microtasks must run first. */
  #mustBreak(): boolean {
    const actions = this.#breakpoints.get(this.#step + 1);
    if (actions === undefined) return false;
    if (this.#drainedStep !== this.#step) {
      this.#mustDrain = true;
      return true;
    }
    this.#breakpoints.delete(this.#step + 1);
    for (const action of actions) action();
    return false;
  }

  #endingOf(goal: Goal): Outcome | undefined {
    if (this.#failure !== undefined) return this.#threw(this.#failure);
    if (goal.until()) return { kind: 'reached', ...this.#position() };
    if (this.#step >= this.#maxSteps) return this.#gaveUp('out-of-steps');
    const next = this.#nextAlive();
    if (next === undefined) return this.#gaveUp('deadlock');
    if (next.timeMs <= goal.deadlineMs) return undefined;
    this.#nowMs = Math.max(this.#nowMs, goal.deadlineMs);
    return this.#gaveUp('out-of-time');
  }

  #nextAlive(): KernelEvent | undefined {
    for (;;) {
      const next = this.#queue.peek();
      if (next === undefined || next.owner.isAlive) return next;
      this.#queue.pop();
    }
  }

  #deliverNext(): void {
    const event = this.#queue.pop();
    if (event === undefined) return;
    const { owner } = event;
    if (owner.isPaused) {
      event.sequence = 0;
      owner.held.push(event);
      return;
    }
    this.#nowMs = event.timeMs;
    this.#step += 1;
    this.trace.mix(event);
    event.sequence = 0;
    if (this.trace.isRecording) this.#record(event);
    this.#execute(event);
  }

  #execute(event: KernelEvent): void {
    const { isHost } = event.owner;
    this.#current = event;
    if (isHost) this.scope.enter();
    // What the harness does at a point in time, and a boot, may well start asynchronous code.
    if (!isHost || event.kind === 'boot') this.#mustDrain = true;
    try {
      event.run();
    } catch (error) {
      this.fail(error);
    }
    // During a drain the code of the host goes on; then the drained moment closes the scope.
    if (isHost && !this.#mustDrain) this.#closeScope();
  }

  async #quiesce(): Promise<void> {
    this.#mustDrain = false;
    this.#drainedStep = this.#step;
    await this.#drain(() => this.#closeScope());
    this.#closeScope();
  }

  #closeScope(): void {
    this.scope.leave();
    const violation = this.scope.takeViolation();
    if (violation !== undefined) this.fail(violation);
  }

  #record(event: KernelEvent): void {
    const { timeMs, owner, kind, label, from, cause } = event;
    const text = event.text === '' ? label : event.text;
    const link = from === '' ? {} : { from, to: owner.name };
    this.trace.record({ step: this.#step, timeMs, host: owner.name, kind, text, ...link, cause });
  }

  // A stack costs more than the step that it explains: only for whoever keeps what happens.
  #origin(): Origin | undefined {
    return this.trace.isRecording ? new Origin() : undefined;
  }

  #position(): { readonly steps: number; readonly timeMs: number } {
    return { steps: this.#step, timeMs: this.#nowMs };
  }

  #threw(failure: HostFailure): Outcome {
    return { kind: 'host-threw', ...this.#position(), failure };
  }

  #gaveUp(kind: 'deadlock' | 'out-of-time' | 'out-of-steps'): Outcome {
    return { kind, ...this.#position(), parked: this.parked() };
  }
}

interface ParkedPromise {
  readonly owner: Owner;
  readonly label: string;
  readonly sinceMs: number;
  readonly origin: Origin | undefined;
}

function isAmbientUse(error: unknown): boolean {
  return error instanceof OnceproofError && error.code === 'OP-E210';
}

function settle<T>(
  work: () => T,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): void {
  let value: T;
  try {
    value = work();
  } catch (error) {
    reject(error);
    return;
  }
  resolve(value);
}
