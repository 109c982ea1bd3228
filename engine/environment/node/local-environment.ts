// Where programs start that run their job in their own process: an execution environment on the
// machine's clock, files and signals.

import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import {
  type EnvironmentOptions,
  StreamExecutionEnvironment,
} from '../../api/stream-execution-environment.ts';
import { EmbeddedExecutor } from '../../runtime/embedded.ts';
import type { Environment } from '../environment.ts';
import { logFailure } from './failure-log.ts';
import { nodeEnvironment } from './node-environment.ts';
import { processOwner } from './process-owner.ts';
import { onTerminationSignal } from './signals.ts';

/** Runs jobs in this process. `environment`: default nodeEnvironment(). */
export function embeddedExecutor(environment: Environment = nodeEnvironment()): EmbeddedExecutor {
  return new EmbeddedExecutor({
    environment,
    owner: processOwner(),
    resolvePath: (path) => resolve(path),
    localDirectory: join(tmpdir(), 'onceproof'),
    reportFailure: logFailure,
    onStopRequested: (stop) =>
      onTerminationSignal((signal) => {
        process.stderr.write(`onceproof: ${signal}: stopping the job; once more ends it at once\n`);
        stop();
      }),
  });
}

/** Without an executor of its own the environment's jobs run embedded. */
export function localEnvironment(options: EnvironmentOptions = {}): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.create({
    ...options,
    executor: options.executor ?? embeddedExecutor(),
  });
}
