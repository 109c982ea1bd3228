// A process that may lead a job: has a JobManager while it does, and none while another one does.

import { present } from '../../core/assert.ts';
import type { OnceproofError } from '../../core/errors.ts';
import type { ActorSystem } from '../actor/actor-system.ts';
import { failureCauseOf } from '../failure-cause.ts';
import { JobManager, type JobManagerOptions } from '../job-manager.ts';
import { JobStore } from '../job/job-store.ts';
import type { LeaderDirectory } from './leader-directory.ts';
import {
  type LeaderContender,
  LeaderElection,
  type LeaderElectionConfig,
} from './leader-election.ts';

export interface JobManagerContenderOptions {
  readonly system: ActorSystem;
  /** Of the job, in the JobManagers' store. */
  readonly directory: string;
  readonly election: LeaderElectionConfig;
  readonly jobManager: Omit<JobManagerOptions, 'system' | 'store' | 'isLeader'>;
}

export class JobManagerContender implements LeaderContender {
  readonly #options: JobManagerContenderOptions;
  readonly #election: LeaderElection;
  #jobManager: JobManager | undefined;

  constructor(options: JobManagerContenderOptions) {
    this.#options = options;
    const { system, directory, election: config } = options;
    this.#election = new LeaderElection({ system, directory, config, contender: this });
  }

  start(): void {
    this.#election.start();
  }

  /** Undefined while another one leads. */
  get jobManager(): JobManager | undefined {
    return this.#jobManager;
  }

  grantLeadership(leader: LeaderDirectory): void {
    const { system, directory, jobManager } = this.#options;
    const { filesystem } = system.environment;
    this.#jobManager = new JobManager({
      ...jobManager,
      system,
      store: new JobStore(filesystem, directory, leader),
      isLeader: () => this.#election.isLeader(),
      onEnd: (result, cause) => {
        this.#election.release();
        jobManager.onEnd(result, cause);
      },
    });
    this.#jobManager.start();
  }

  handleError(error: OnceproofError): void {
    const { observer, onEnd } = this.#options.jobManager;
    const failure = failureCauseOf(error);
    const { message, code } = failure;
    observer.observe({ kind: 'job-failed', cause: message, code });
    onEnd({ state: 'failed', cause: message }, failure);
  }

  revokeLeadership(): void {
    present(this.#jobManager, 'Cannot revoke leadership: it was not granted').revoke();
    this.#jobManager = undefined;
  }
}
