// Decides which of several JobManagers leads a job. The leader renews a lease; whoever waits takes
// over once the lease has stood still for as long as it lasts, measured by its own clock, so that
// no two clocks are compared. A leader that could not renew stops working before that. This keeps
// two from working at the same time as long as clocks run equally fast; that a leader does no harm
// once another one has taken over rests on LeaderDirectory alone.

import { OnceproofError } from '../../core/errors.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { FileSystem } from '../../environment/filesystem.ts';
import { namesIn } from '../../checkpoint/durable-files.ts';
import type { Actor } from '../actor/actor.ts';
import type { ActorSystem, CallMail, Outcome } from '../actor/actor-system.ts';
import { claimLeadership } from './claim-leadership.ts';
import { LEASE_FILE, type LeaderDirectory, RELEASED } from './leader-directory.ts';
import { leaderNames } from './leader-names.ts';

/** Flink's high-availability.kubernetes.leader-election. */
export interface LeaderElectionConfig {
  /** How long a lease has to stand still before another one takes over. */
  readonly leaseDurationMs: number;
  /** A leader that has not renewed for so long steps down; less than the lease lasts. */
  readonly renewDeadlineMs: number;
  /** Between two renewals, and between two looks of those who wait. */
  readonly retryPeriodMs: number;
}

/**
 * Those of Kubernetes' clients. Flink's deadline is 15 s too, which leaves nothing between both.
 */
export const DEFAULT_LEADER_ELECTION: LeaderElectionConfig = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryPeriodMs: 2_000,
};

/** Flink's LeaderContender. Called in turn, beginning with a grant. */
export interface LeaderContender {
  grantLeadership(directory: LeaderDirectory): void;
  revokeLeadership(): void;
  /** Nobody can lead the job before somebody has mended something. The election is over. */
  handleError(error: OnceproofError): void;
}

export interface LeaderElectionOptions {
  readonly system: ActorSystem;
  /** Of the job, in the JobManagers' store. */
  readonly directory: string;
  readonly config: LeaderElectionConfig;
  readonly contender: LeaderContender;
}

const ACTOR_NAME = 'leader-election';

interface Leading {
  readonly directory: LeaderDirectory;
  /** When the newest renewal that succeeded began. */
  renewedMs: number;
}

interface Look {
  /** The newest one that anybody has claimed. */
  readonly epoch: number;
  /** Changes while somebody leads; undefined where nobody does, or ever did. */
  readonly text: string | undefined;
}

interface Seen {
  readonly text: string;
  readonly sinceMs: number;
}

export class LeaderElection implements Actor {
  readonly #options: LeaderElectionOptions;
  readonly #filesystem: FileSystem;
  readonly #token: string;
  #claims = 0;
  #seen: Seen | undefined;
  #leading: Leading | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    const { filesystem, random } = options.system.environment;
    this.#filesystem = filesystem;
    const instance = random.fork('leader-election').below(2 ** 32);
    this.#token = instance.toString(16).padStart(8, '0');
  }

  start(): void {
    this.#options.system.spawn(ACTOR_NAME, this);
    this.#watch();
  }

  receive(mail: unknown): void {
    (mail as CallMail).run();
  }

  /**
   * Whether the lease still holds by the clock; if not, leadership is revoked before it returns.
   */
  isLeader(): boolean {
    if (this.#leading === undefined) return false;
    const { system, config } = this.#options;
    const heldMs = system.environment.clock.now() - this.#leading.renewedMs;
    if (heldMs < config.renewDeadlineMs) return true;
    sometimes(true, 'a leader steps down because its lease may be over');
    this.#stepDown();
    return false;
  }

  /** The job is over here: whoever waits may take it at once. */
  release(): void {
    const leading = this.#leading;
    if (leading === undefined) return;
    this.#leading = undefined;
    this.#io(
      () => leading.directory.release(),
      () => {},
    );
  }

  #watch(): void {
    const askedMs = this.#now();
    this.#io(
      () => this.#look(),
      (outcome) => this.#looked(askedMs, outcome),
    );
  }

  async #look(): Promise<Look> {
    const { directory } = this.#options;
    const names = leaderNames(await namesIn(this.#filesystem, directory));
    const epoch = names[0]?.epoch ?? 0;
    const leader = names.find(({ kind }) => kind === 'leader');
    const all = names.map(({ name }) => name).join(' ');
    if (leader === undefined) return { epoch, text: epoch === 0 ? undefined : all };
    const place = `${directory}/${leader.name}`;
    if (!(await namesIn(this.#filesystem, place)).includes(LEASE_FILE)) return { epoch, text: all };
    const bytes = await this.#filesystem.read(`${place}/${LEASE_FILE}`);
    const lease = String.fromCharCode(...bytes);
    return { epoch, text: lease === RELEASED ? undefined : `${all} ${lease}` };
  }

  #looked(askedMs: number, outcome: Outcome<Look>): void {
    // What cannot be seen may change.
    if (outcome.kind === 'failed') return this.#later(() => this.#watch());
    const { epoch, text } = outcome.value;
    if (text === undefined) return this.#claim(epoch);
    if (text !== this.#seen?.text) this.#seen = { text, sinceMs: this.#now() };
    const silentMs = askedMs - this.#seen.sinceMs;
    if (silentMs < this.#options.config.leaseDurationMs) return this.#later(() => this.#watch());
    sometimes(true, 'a standby takes over from a leader that is silent');
    this.#claim(epoch);
  }

  #claim(after: number): void {
    const { directory } = this.#options;
    this.#claims++;
    const token = `${this.#token}-${this.#claims}`;
    this.#seen = undefined;
    this.#io(
      () => claimLeadership({ filesystem: this.#filesystem, directory, token, after }),
      (outcome) => {
        const error = outcome.kind === 'failed' ? outcome.cause : undefined;
        if (error instanceof OnceproofError) return this.#options.contender.handleError(error);
        if (outcome.kind === 'failed' || outcome.value === undefined) {
          return this.#later(() => this.#watch());
        }
        this.#confirm(outcome.value);
      },
    );
  }

  // A claim may take long; the lease counts from a renewal that began after it.
  #confirm(directory: LeaderDirectory): void {
    const renewedMs = this.#now();
    this.#io(
      () => directory.renew(),
      (outcome) => {
        const isLate = this.#now() - renewedMs >= this.#options.config.renewDeadlineMs;
        if (outcome.kind === 'failed' || isLate) return this.#later(() => this.#watch());
        this.#lead({ directory, renewedMs });
      },
    );
  }

  #lead(leading: Leading): void {
    this.#leading = leading;
    const lost = (): void => this.#lost(leading);
    leading.directory.onLost(() => {
      this.#options.system.post(ACTOR_NAME, { kind: 'call', run: lost });
    });
    this.#options.contender.grantLeadership(leading.directory);
    this.#later(() => this.#renew(leading));
  }

  #renew(leading: Leading): void {
    if (this.#leading !== leading || !this.isLeader()) return;
    const askedMs = this.#now();
    this.#io(
      () => leading.directory.renew(),
      (outcome) => {
        if (outcome.kind === 'done') leading.renewedMs = askedMs;
        // A disk that fails now and then: the deadline decides.
        else if (outcome.cause instanceof OnceproofError) return this.#lost(leading);
        this.#later(() => this.#renew(leading));
      },
    );
  }

  #lost(leading: Leading): void {
    if (this.#leading !== leading) return;
    sometimes(true, 'a leader finds that another one has taken over');
    this.#stepDown();
  }

  #stepDown(): void {
    this.#leading = undefined;
    this.#options.contender.revokeLeadership();
    this.#watch();
  }

  #now(): number {
    return this.#options.system.environment.clock.now();
  }

  #later(run: () => void): void {
    const { system, config } = this.#options;
    system.schedule(config.retryPeriodMs, ACTOR_NAME, { kind: 'call', run });
  }

  #io<T>(operation: () => Promise<T>, done: (outcome: Outcome<T>) => void): void {
    this.#options.system.io(ACTOR_NAME, operation, (outcome) => ({
      kind: 'call',
      run: () => done(outcome),
    }));
  }
}
