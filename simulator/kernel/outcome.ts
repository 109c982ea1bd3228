// How a run of a world ends. Every ending but `reached` says what would be needed to understand it:
// who was waiting for what, or which host threw what at which step.

/** A promise the world handed out and has not settled: what some host is waiting for. */
export interface Parked {
  readonly host: string;
  readonly label: string;
  readonly sinceMs: number;
  /** Modules of the engine that asked for it, nearest first, where it was the engine. */
  readonly askedIn?: string;
}

/** An error that came out of an event handler, or out of a promise continuation, of a host. */
export interface HostFailure {
  readonly host: string;
  /** The step that threw; with the trace it names the event. */
  readonly step: number;
  readonly timeMs: number;
  readonly label: string;
  readonly error: unknown;
}

interface Ended {
  readonly steps: number;
  readonly timeMs: number;
}

export type Outcome =
  | (Ended & { readonly kind: 'reached' })
  /** Nothing is queued and the goal is not met: nobody will ever do anything again. */
  | (Ended & { readonly kind: 'deadlock'; readonly parked: readonly Parked[] })
  | (Ended & { readonly kind: 'out-of-time'; readonly parked: readonly Parked[] })
  | (Ended & { readonly kind: 'out-of-steps'; readonly parked: readonly Parked[] })
  | (Ended & { readonly kind: 'host-threw'; readonly failure: HostFailure });

/** One line for people. */
export function describeOutcome(outcome: Outcome): string {
  const where = `after ${outcome.steps} steps at ${outcome.timeMs} ms`;
  if (outcome.kind === 'reached') return `Goal reached ${where}`;
  if (outcome.kind === 'host-threw') {
    const { host, step, label, error } = outcome.failure;
    return `Host "${host}" threw at step ${step} (${label}): ${String(error)}`;
  }
  const waiting = outcome.parked.map(({ host, label }) => `${host} waits for ${label}`);
  const list = waiting.length === 0 ? 'nobody waits for anything' : waiting.join('; ');
  return `Ended in ${outcome.kind} ${where}: ${list}`;
}
