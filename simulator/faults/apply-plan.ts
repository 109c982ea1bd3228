// Stages the faults of a plan in a world, and heals everything at the end of the safety phase. What
// the simulator knows nothing of (disks, checkpoints) goes through handlers that the caller gives.
// A fault that finds its host down already does nothing and is not counted.

import { unreachable } from '../../engine/core/assert.ts';
import type { Address } from '../../engine/environment/network.ts';
import type { Random } from '../../engine/environment/random.ts';
import type { Flow } from '../flow-rules.ts';
import type { Rule } from '../network-rules.ts';
import type { World } from '../world.ts';
import type {
  ChoiceFault,
  CorruptionFault,
  DiskFault,
  Fault,
  LinkFault,
  OperationFault,
  ServiceFault,
  WorldFault,
} from './fault.ts';
import { FaultCounts } from './fault-counts.ts';
import type { FaultPlan } from './fault-plan.ts';
import { linkRuleOf } from './link-faults.ts';

type Undo = () => void;

/** What carries out the faults that a world cannot; call `injected` each time one really hits. */
export interface FaultHandlers {
  /** Called at the start of the window; returns what ends it. */
  readonly disk?: (fault: DiskFault, injected: () => void) => Undo;
  /** Called at the start of the window, with dice of its own; returns what ends it. */
  readonly service?: (fault: ServiceFault, injected: () => void, random: Random) => Undo;
  /** Called when the run begins, or at the fault's mark; strikes by its own trigger. */
  readonly corrupt?: (fault: CorruptionFault, injected: () => void) => Undo;
  /**
   * Called at the operation's moment: does it now or as soon as it can be done, and `injected` once
   * it is asked for. What it returns keeps it from being asked for later.
   */
  readonly operate?: (fault: OperationFault, injected: () => void) => Undo;
  /** Which connection a message is of, for faults that tell old ones from new ones. */
  readonly flowOf?: (bytes: Uint8Array) => Flow | undefined;
}

export interface AppliedPlan {
  readonly counts: FaultCounts;
  /** True from the end of the safety phase on. */
  readonly isHealed: () => boolean;
}

/** Call before the first run of the world. */
export function applyPlan(
  world: World,
  plan: FaultPlan,
  handlers: FaultHandlers = {},
): AppliedPlan {
  const stage = new Stage(world, plan, handlers);
  plan.faults.forEach((fault, index) => {
    stage.add(fault, index);
  });
  world.at(plan.healAtMs, 'heal everything', () => stage.heal(), 'fault');
  return { counts: stage.counts, isHealed: () => stage.isHealed };
}

class Stage {
  readonly counts: FaultCounts;
  readonly #world: World;
  readonly #handlers: FaultHandlers;
  readonly #healAtMs: number;
  readonly #active = new Set<Undo>();
  #isHealed = false;

  constructor(world: World, plan: FaultPlan, handlers: FaultHandlers) {
    this.#world = world;
    this.#handlers = handlers;
    this.#healAtMs = plan.healAtMs;
    this.counts = new FaultCounts(plan.faults);
  }

  get isHealed(): boolean {
    return this.#isHealed;
  }

  add(fault: Fault, index: number): void {
    const { after } = fault;
    const schedule = () => {
      if (!this.#isHealed) this.#schedule(fault, index);
    };
    if (after === undefined) schedule();
    else this.#world.onMark(after.mark, after.nth, schedule);
  }

  /** Ends the safety phase: no fault is active, none begins, every host is up. */
  heal(): void {
    this.#isHealed = true;
    for (const undo of this.#active) undo();
    for (const host of this.#world.hosts) {
      const state = this.#world.stateOf(host);
      if (state === 'paused') this.#world.wake(host);
      if (state === 'down') this.#world.restart(host);
    }
  }

  #schedule(fault: Fault, index: number): void {
    const injected = () => this.counts.inject(index);
    switch (fault.kind) {
      case 'corrupt-checkpoint': {
        const undo = this.#handlers.corrupt?.(fault, injected);
        if (undo !== undefined) this.#active.add(undo);
        return;
      }
      case 'crash-point':
        return this.#world.beforeStep(fault.beforeStep, () => this.#stop(fault, injected));
      case 'crash':
      case 'kill':
      case 'slow-start':
        return this.#in(fault.atMs, fault.kind, () => this.#stop(fault, injected));
      case 'pause':
        return this.#in(fault.atMs, fault.kind, () =>
          this.#pause(fault.host, fault.forMs, injected),
        );
      case 'clock-offset':
        this.#world.stepClock(fault.host, fault.byMs);
        return injected();
      case 'clock-step':
        return this.#in(fault.atMs, fault.kind, () => {
          this.#world.stepClock(fault.host, fault.byMs);
          injected();
        });
      case 'clock-leap':
        return this.#in(fault.atMs, fault.kind, () => {
          this.#leap(fault.host, fault.smearMs);
          injected();
        });
      case 'bit-rot':
        return this.#in(fault.atMs, fault.kind, () => void this.#handlers.disk?.(fault, injected));
      case 'savepoint':
      case 'stop-with-savepoint':
      case 'rescale':
      case 'cancel':
      case 'upgrade':
      case 'switch-backend':
        return this.#in(fault.atMs, fault.kind, () => this.#operate(fault, injected));
      case 'partition':
        return this.#during(fault, fault.atMs, fault.healMs, index);
      case 'loss':
      case 'duplicate':
      case 'reorder':
      case 'latency':
      case 'clog':
      case 'swizzle':
      case 'corruption':
      case 'half-open':
      case 'slow-reader':
      case 'memory-pressure':
      case 'clock-freeze':
      case 'clock-drift':
      case 'sync-failure':
      case 'no-space':
      case 'io-error':
      case 'slow-disk':
      case 'short-io':
      case 'stale-read':
      case 'lost-write':
      case 'misdirected-write':
      case 'http-error':
      case 'http-lost':
      case 'buggify':
        return this.#during(fault, fault.fromMs, fault.toMs - fault.fromMs, index);
      default:
        return unreachable(fault);
    }
  }

  /** A fault that lasts: begins it, and ends it after `lastsMs` or at healing. */
  #during(fault: LastingFault, beginMs: number, lastsMs: number, index: number): void {
    this.#in(beginMs, `${fault.kind} begins`, () => {
      const undo = this.#begin(fault, index);
      this.#active.add(undo);
      this.#in(lastsMs, `${fault.kind} ends`, () => {
        this.#active.delete(undo);
        undo();
      });
    });
  }

  #begin(fault: LastingFault, index: number): Undo {
    const injected = () => this.counts.inject(index);
    switch (fault.kind) {
      case 'partition':
        injected();
        return this.#world.partition(fault.from, fault.to, fault.twoWay);
      case 'clock-drift':
        injected();
        this.#world.driftClock(fault.host, fault.ppm);
        return () => this.#world.driftClock(fault.host, 0);
      case 'clock-freeze':
        injected();
        return this.#world.freezeClock(fault.host);
      case 'buggify':
        return this.#choose(fault, injected);
      case 'sync-failure':
      case 'no-space':
      case 'io-error':
      case 'slow-disk':
      case 'short-io':
      case 'stale-read':
      case 'lost-write':
      case 'misdirected-write':
        return this.#handlers.disk?.(fault, injected) ?? (() => undefined);
      case 'http-error':
      case 'http-lost':
        return this.#handlers.service?.(fault, injected, this.#diceOf(fault)) ?? (() => undefined);
      default:
        return this.#world.network.addRule(counted(this.#ruleOf(fault), injected));
    }
  }

  #choose(fault: ChoiceFault, injected: () => void): Undo {
    const dice = this.#diceOf(fault);
    return this.#world.chooseRarely(fault.site, () => {
      const isChosen = dice.below(fault.oneIn) === 0;
      if (isChosen) injected();
      return isChosen;
    });
  }

  /** By content, not by place: taking a fault out of a plan leaves the dice of the others. */
  #diceOf(fault: Fault): Random {
    return this.#world.random.fork(`fault/${JSON.stringify(fault)}`);
  }

  #ruleOf(fault: LinkFault): Rule {
    return linkRuleOf(fault, {
      random: this.#diceOf(fault),
      nowMs: this.#world.nowMs,
      healAtMs: this.#healAtMs,
      flowOf: this.#handlers.flowOf,
    });
  }

  #operate(fault: OperationFault, injected: () => void): void {
    const undo = this.#handlers.operate?.(fault, injected);
    if (undo !== undefined) this.#active.add(undo);
  }

  #stop(fault: StopFault, injected: () => void): void {
    const { kind, host, downMs } = fault;
    if (this.#world.stateOf(host) === 'down') return;
    if (kind === 'kill') this.#world.kill(host);
    else this.#world.crash(host);
    injected();
    this.#in(downMs, 'restart', () => {
      if (this.#world.stateOf(host) !== 'down') return;
      this.#world.restart(host);
      if (kind === 'slow-start') this.#pause(host, fault.slowMs, () => undefined);
    });
  }

  #leap(host: Address, smearMs: number): void {
    if (smearMs === 0) this.#world.stepClock(host, -LEAP_MS);
    else this.#world.slewClock(host, -LEAP_MS, smearMs);
  }

  #pause(host: Address, forMs: number, injected: () => void): void {
    if (this.#world.stateOf(host) !== 'up') return;
    this.#world.pause(host);
    injected();
    const paused = this.#world.bootCountOf(host);
    this.#in(forMs, 'wake', () => {
      const isSame = this.#world.bootCountOf(host) === paused;
      if (isSame && this.#world.stateOf(host) === 'paused') this.#world.wake(host);
    });
  }

  #in(delayMs: number, label: string, action: () => void): void {
    const guarded = () => {
      if (!this.#isHealed) action();
    };
    this.#world.at(this.#world.nowMs + delayMs, label, guarded, 'fault');
  }
}

/** A leap second is inserted: the date falls behind by that much. */
const LEAP_MS = 1_000;

type StopFault = Extract<WorldFault, { kind: 'crash' | 'crash-point' | 'kill' | 'slow-start' }>;
type LastingFault =
  | LinkFault
  | Exclude<DiskFault, { kind: 'bit-rot' }>
  | ServiceFault
  | ChoiceFault
  | Extract<WorldFault, { kind: 'partition' | 'clock-freeze' | 'clock-drift' }>;

function counted(rule: Rule, injected: () => void): Rule {
  return (packet) => {
    const verdict = rule(packet);
    if (verdict.kind !== 'pass') injected();
    return verdict;
  };
}
