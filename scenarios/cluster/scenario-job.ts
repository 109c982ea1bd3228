// Builds a scenario's job for the simulated cluster: configures it as the scenario says, gives it
// its source and a transactional sink, and watches what the sink's committer does.

import { StreamExecutionEnvironment } from '../../engine/api/stream-execution-environment.ts';
import { CollectionSource } from '../../engine/connector/collection-source.ts';
import { FileSink } from '../../engine/connector/file-sink.ts';
import { jsonLines } from '../../engine/connector/json-lines.ts';
import type { Committer, Sink, SinkContext, SinkWriter } from '../../engine/connector/sink.ts';
import type { JobGraph } from '../../engine/graph/job-graph.ts';
import type { StateBackend } from '../../engine/state/state-backend.ts';
import { canonical } from '../checkers/multiset.ts';
import type { Scenario } from '../scenario.ts';
import { FIRST_SUBMISSION, type Submission } from './operations/submission.ts';
import { OUTPUT_DIRECTORY } from './places.ts';

export interface SinkWatcher {
  /** Sealed for this checkpoint. */
  sealed(committable: string, checkpoint: number, context: SinkContext): void;
  committed(committable: string): void;
  /** Looks for what earlier attempts have left; has done so. */
  opens(kind: 'sink-opening' | 'sink-opened', context: SinkContext): void;
  /** It still does something. */
  lives(context: SinkContext): void;
}

export interface ScenarioJobOptions {
  readonly scenario: Scenario;
  /** Of the backend: see BackendProfile. */
  readonly checkpointTimeFactor: number;
  readonly records: readonly unknown[];
  readonly watcher: SinkWatcher;
  /** Of the job that is to run; the first, if absent. */
  readonly submission?: Submission | undefined;
}

const RESTART_DELAY_MS = 50;

export function buildScenarioJob(
  options: ScenarioJobOptions,
  parallelism: number,
  backend: StateBackend,
): JobGraph {
  const { scenario, checkpointTimeFactor, records, watcher } = options;
  const { submission = FIRST_SUBMISSION } = options;
  const { workload, upgrade = scenario } = scenario;
  const env = StreamExecutionEnvironment.create({ jobId: submission.job, parallelism });
  configure(env, { ...scenario, checkpoints: stretched(scenario, checkpointTimeFactor) }, backend);
  const { job } = submission.version > 1 ? upgrade : scenario;
  job({
    env,
    source: (splits = SPLITS) =>
      env.fromSource(
        new CollectionSource({
          elements: records,
          name: 'workload',
          // As many as the largest parallelism: a rescaled job then still uses all its readers.
          splits,
          recordsPerSecond: workload.recordsPerSecond,
          ...(workload.timestampOf === undefined ? {} : { timestampOf: workload.timestampOf }),
        }),
      ),
    sink: (prefix = 'part') => {
      const files = { directory: OUTPUT_DIRECTORY, format: jsonLines(), prefix };
      return new WatchedSink(new FileSink(files), watcher);
    },
  });
  return env.getJobGraph(scenario.id);
}

const SPLITS = 4;

function configure(
  env: StreamExecutionEnvironment,
  scenario: Scenario,
  backend: StateBackend,
): void {
  const { checkpoints, guarantee } = scenario;
  env.setStateBackend(scenario.stateBackend(backend));
  env.enableCheckpointing(
    checkpoints.intervalMs,
    guarantee === 'exactly-once' ? 'EXACTLY_ONCE' : 'AT_LEAST_ONCE',
  );
  env
    .getCheckpointConfig()
    .setCheckpointTimeout(checkpoints.timeoutMs)
    .setMaxConcurrentCheckpoints(checkpoints.maxConcurrent)
    .setRetainedCheckpoints(checkpoints.retained)
    // A checkpoint that meets a fault is no reason to stop a job that is meant to meet many.
    .setTolerableCheckpointFailureNumber(1_000_000)
    .enableUnalignedCheckpoints(checkpoints.unaligned)
    .setAlignedCheckpointTimeout(checkpoints.alignedTimeoutMs)
    // Files rather than inline state: there are more of them to lose.
    .setDataInlineThreshold(64);
  // Somebody goes on from what a canceled job leaves.
  if (scenario.faults.includes('cancel')) {
    env.getCheckpointConfig().setExternalizedCheckpointRetention('RETAIN_ON_CANCELLATION');
  }
  env.setRestartStrategy({
    kind: 'fixed-delay',
    attempts: Number.MAX_SAFE_INTEGER,
    delayMs: RESTART_DELAY_MS,
  });
  env.setBufferTimeout(10);
}

function stretched({ checkpoints }: Scenario, factor: number): Scenario['checkpoints'] {
  const { intervalMs, timeoutMs } = checkpoints;
  return { ...checkpoints, intervalMs: intervalMs * factor, timeoutMs: timeoutMs * factor };
}

/** A sink as it is; only what is sealed and committed is told to the watcher. */
class WatchedSink implements Sink<unknown> {
  readonly name: string;
  readonly #sink: Sink<unknown>;
  readonly #watcher: SinkWatcher;

  constructor(sink: Sink<unknown, unknown, never>, watcher: SinkWatcher) {
    this.name = sink.name;
    this.#sink = sink;
    this.#watcher = watcher;
  }

  createWriter(
    context: SinkContext,
    restored: readonly unknown[],
  ): SinkWriter<unknown, unknown, unknown> {
    const writer = this.#sink.createWriter(context, restored);
    const watcher = this.#watcher;
    watcher.lives(context);
    return {
      write: (value, timestamp) => {
        watcher.lives(context);
        writer.write(value, timestamp);
      },
      isAvailable: () => writer.isAvailable(),
      prepareCommit: (checkpoint, endOfInput) => {
        const prepared = writer.prepareCommit(checkpoint, endOfInput);
        for (const one of prepared.committables) {
          watcher.sealed(canonical(one), checkpoint, context);
        }
        watcher.lives(context);
        return prepared;
      },
      close: () => {
        watcher.lives(context);
        writer.close();
      },
    };
  }

  createCommitter(context: SinkContext): Committer<unknown> {
    const committer = this.#sink.createCommitter(context);
    return {
      commit: async (committable) => {
        // Noted when it begins: from then on it may be visible.
        this.#watcher.committed(canonical(committable));
        return committer.commit(committable);
      },
    };
  }

  async abortLingering(context: SinkContext): Promise<void> {
    this.#watcher.opens('sink-opening', context);
    await this.#sink.abortLingering?.(context);
    this.#watcher.opens('sink-opened', context);
  }
}
