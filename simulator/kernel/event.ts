// One pending event of a world, and the owner it belongs to. An event is also the handle by which
// it is cancelled. What it does when it runs is a closure of whoever scheduled it.

export type StepKind = 'boot' | 'timer' | 'message' | 'io' | 'action' | 'fault';

/** One incarnation of a host, or the world itself. Events of a dead owner never run. */
export interface Owner {
  /** Its place in the order in which hosts were added; 0 is the world. */
  readonly index: number;
  readonly name: string;
  /** Code of the engine runs in its events; the world's own events are the harness'. */
  readonly isHost: boolean;
  isAlive: boolean;
  isPaused: boolean;
  /** Events that came due while paused, in the order in which they came due. */
  readonly held: KernelEvent[];
}

export class KernelEvent {
  readonly owner: Owner;
  readonly kind: StepKind;
  readonly label: string;
  readonly run: () => void;
  timeMs = 0;
  sequence = 0;
  /** The step that scheduled this event; 0 is what happened before the first step. */
  cause = 0;
  isCancelled = false;
  /** For messages: who sent it, a hash of what it says, and, if recorded, what it says. */
  from = '';
  weight = 0;
  text = '';

  constructor(owner: Owner, kind: StepKind, label: string, run: () => void) {
    this.owner = owner;
    this.kind = kind;
    this.label = label;
    this.run = run;
  }
}
