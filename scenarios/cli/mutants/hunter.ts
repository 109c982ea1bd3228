// Hunts one mutant with several root seeds, in worker processes of its own that stay for all of
// them. What is counted is the same whichever number of workers carries it out: results are judged
// in the order of the plan, and the first kill in that order ends the hunt of its root.

import { OnceproofError } from '../../../engine/core/errors.ts';
import type { Mutant } from '../../mutants/mutant.ts';
import { InOrder } from '../suite/in-order.ts';
import type { PlannedRun } from '../suite/plan.ts';
import { fromErrorText } from '../worker/error-text.ts';
import type { RunDone, RunFailed } from '../worker/messages.ts';
import { WorkerPool } from '../worker/worker-pool.ts';
import { type HuntOrder, huntRuns } from './hunt-order.ts';

export interface Kill {
  readonly run: PlannedRun;
  readonly property: string;
}

/** What came of one root seed. */
export interface RootHunt {
  readonly kill: Kill | undefined;
  /** Runs until then, or all that the budget allowed. */
  readonly seeds: number;
}

export interface Trophy {
  readonly mutant: Mutant;
  readonly hunts: readonly RootHunt[];
  /** Runs that nobody can judge, because the process that carried them out died. */
  readonly failures: readonly RunFailed[];
}

export interface HunterOptions {
  readonly mutant: Mutant;
  readonly roots: readonly string[];
  readonly order: Omit<HuntOrder, 'root'>;
  readonly files: readonly string[];
  readonly workers: number;
  /** For all roots together. */
  readonly forMs: number | undefined;
}

/** A mutant may well hang where the engine does not. */
export const RUN_LIMIT_MS = 60_000;

type Reply = RunDone | RunFailed;

export class Hunter {
  readonly #options: HunterOptions;
  readonly #pool: WorkerPool;
  readonly #failures: RunFailed[] = [];
  readonly #startedMs = performance.now();
  #onReply: (reply: Reply) => void = () => undefined;
  #refusal: Error | undefined;
  #isStopped = false;

  constructor(options: HunterOptions) {
    this.#options = options;
    this.#pool = new WorkerPool({
      files: options.files,
      mutant: options.mutant.name,
      workers: options.workers,
      runLimitMs: RUN_LIMIT_MS,
      onReply: (reply) => this.#onReply(reply),
      onOutput: () => undefined,
    });
  }

  /** A hunt that was stopped proves nothing: undefined. */
  async hunt(): Promise<Trophy | undefined> {
    const { mutant, roots } = this.#options;
    const hunts: RootHunt[] = [];
    try {
      for (const root of roots) {
        if (!this.#isStopped) hunts.push(await this.#huntRoot(root));
      }
    } catch (error) {
      if (!isCrash(error)) throw error;
      this.#failures.push(crashed(error));
    } finally {
      this.#pool.close();
    }
    if (this.#isStopped) return undefined;
    return { mutant, hunts, failures: this.#failures };
  }

  stop(): void {
    this.#isStopped = true;
    this.#pool.stop();
  }

  async #huntRoot(root: string): Promise<RootHunt> {
    const search: Search = { planned: [], kill: undefined, seeds: 0, isOver: false };
    const inOrder = new InOrder<Reply>((reply) => {
      search.seeds += 1;
      const run = search.planned[reply.sequence];
      if (run === undefined || !isKill(reply)) return;
      search.kill = { run, property: reply.result.property ?? 'unnamed' };
      inOrder.stop();
    });
    this.#onReply = (reply) => {
      if (reply.kind === 'run-failed') this.#take(reply);
      // The kill that counts is this one or one before it, and those are under way already.
      if (isKill(reply)) search.isOver = true;
      inOrder.push(reply.sequence, reply);
    };
    await this.#pool.run(this.#runs(root, search));
    if (this.#refusal !== undefined) throw this.#refusal;
    return search;
  }

  *#runs(root: string, search: Search): Generator<PlannedRun, void> {
    for (const run of huntRuns({ ...this.#options.order, root })) {
      if (search.isOver || this.#isTimeUp()) return;
      search.planned.push(run);
      yield run;
    }
  }

  #isTimeUp(): boolean {
    const { forMs } = this.#options;
    return forMs !== undefined && performance.now() - this.#startedMs >= forMs;
  }

  /** A mutant that was not loaded, or cannot be, must not be counted as anything. */
  #take(failed: RunFailed): void {
    const { code } = failed.error;
    this.#failures.push(failed);
    if (code !== 'OP-E141' && code !== 'OP-E142') return;
    this.#refusal = fromErrorText(failed.error);
    this.#pool.stop();
  }
}

/** The hunt of one root while it goes on. */
interface Search {
  readonly planned: PlannedRun[];
  kill: Kill | undefined;
  seeds: number;
  isOver: boolean;
}

function isKill(reply: Reply): reply is RunDone {
  return reply.kind === 'run-done' && reply.result.verdict === 'invalid';
}

/** Too many workers died: that is the mutant's doing, as the engine's workers live. */
function isCrash(error: unknown): error is OnceproofError {
  return error instanceof OnceproofError && error.code === 'OP-E152';
}

function crashed({ code, message }: OnceproofError): RunFailed {
  const error = { code, message, place: undefined, remedy: undefined, stack: undefined };
  return { kind: 'run-failed', sequence: 0, error };
}
