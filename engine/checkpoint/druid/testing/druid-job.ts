// The stage for tests of checkpoints in Druid: one job with its storages, on one host. Tests say
// what is staged and published; what Druid it is, and how its world goes on, is the bench's.

import { checkpointId, type JobId, jobId, jobVertexId, operatorId } from '../../../core/ids.ts';
import type { Environment } from '../../../environment/environment.ts';
import type { StateHandle } from '../../../state/state-handle.ts';
import type { CheckpointStorageAccess } from '../../checkpoint-storage.ts';
import type { CheckpointMetadata } from '../../metadata.ts';
import { encodeCheckpointMetadata } from '../../metadata-format.ts';
import { druidCheckpointStorage } from '../druid-checkpoint-storage.ts';
import { DruidClient } from '../druid-client.ts';
import { type DruidOptions, druidSettings } from '../druid-options.ts';
import { jobDatasource } from '../druid-places.ts';

export interface DruidBench {
  /** Of a host from which Druid can be reached. */
  readonly environment: Environment;
  readonly options: DruidOptions;
  /** Lets the world go on until the promise is settled. */
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
}

export interface JobOptions {
  /** From this size on state becomes rows: by default always. */
  readonly inlineBelowBytes?: number;
  readonly druid?: Partial<DruidOptions>;
}

export interface PublishOptions {
  readonly keyed?: readonly StateHandle[];
  /** Two publications of one checkpoint differ by it: two JobManagers. */
  readonly timestampMs?: number;
  readonly directory?: string;
}

const OPERATOR = operatorId('0f1e2d3c4b5a6978');

export class DruidJob {
  readonly id: JobId;
  readonly coordinator: CheckpointStorageAccess['coordinator'];
  readonly worker: CheckpointStorageAccess['worker'];
  readonly datasource: string;
  readonly #bench: DruidBench;
  readonly #client: DruidClient;

  /** `name` undefined: one that no other test has. */
  constructor(bench: DruidBench, name?: string, options: JobOptions = {}) {
    const { environment } = bench;
    const drawn = environment.random.below(2 ** 32).toString(16);
    this.id = jobId(name ?? `contract-${drawn}-${environment.clock.wallTime()}`);
    const druid = { ...bench.options, ...options.druid };
    const { coordinator, worker } = druidCheckpointStorage(druid).open({
      environment,
      job: this.id,
      storeDirectory: undefined,
      dataInlineThresholdBytes: options.inlineBelowBytes ?? 0,
    });
    this.coordinator = coordinator;
    this.worker = worker;
    const settings = druidSettings(druid);
    this.datasource = jobDatasource(settings.datasourcePrefix, this.id);
    this.#bench = bench;
    this.#client = new DruidClient(environment, settings);
  }

  get client(): DruidClient {
    return this.#client;
  }

  settle<T>(promise: Promise<T>): Promise<T> {
    return this.#bench.settle(promise);
  }

  stage(checkpoint: number, bytes: Uint8Array, directory?: string): Promise<StateHandle> {
    return this.#bench.settle(this.#stage(checkpoint, bytes, directory));
  }

  publish(checkpoint: number, options: PublishOptions = {}): Promise<string> {
    return this.#bench.settle(this.publishing(checkpoint, options));
  }

  /** Goes on with the world, together with what else is under way. */
  publishing(checkpoint: number, options: PublishOptions = {}): Promise<string> {
    const { directory } = options;
    const bytes = this.metadata(checkpoint, options);
    const id = checkpointId(checkpoint);
    return this.coordinator.storeMetadata({ job: this.id, checkpoint: id, directory, bytes });
  }

  metadata(checkpoint: number, options: PublishOptions = {}): Uint8Array {
    const directory = options.directory ?? `/${this.id}/chk-${checkpoint}`;
    return encodeCheckpointMetadata(metadataOf(this.id, checkpoint, options), directory);
  }

  read(handle: StateHandle): Promise<Uint8Array> {
    return this.#bench.settle(this.worker.read(handle));
  }

  readMetadata(pointer: string): Promise<Uint8Array> {
    return this.#bench.settle(this.coordinator.readMetadata(pointer));
  }

  async checkpoints(): Promise<readonly number[]> {
    const stored = await this.#bench.settle(this.coordinator.listCheckpoints(this.id));
    return stored.map(({ checkpoint }) => checkpoint);
  }

  discard(checkpoint: number): Promise<void> {
    const discarded = this.coordinator.discardCheckpoint(this.id, checkpointId(checkpoint));
    return this.#bench.settle(discarded);
  }

  async query(sql: string): Promise<readonly unknown[]> {
    return (await this.#bench.settle(this.#client.query(sql))) ?? [];
  }

  /** What anybody sees of the job's checkpoints. */
  rowCount(): Promise<readonly unknown[]> {
    return this.query(`SELECT "part" FROM "${this.datasource}"`);
  }

  async #stage(checkpoint: number, bytes: Uint8Array, directory?: string): Promise<StateHandle> {
    const streams = this.worker.streamsFor(checkpointId(checkpoint), directory);
    const own = streams.ofOperator?.(OPERATOR) ?? streams;
    const output = own.open('exclusive', 'vertex-2-1-0-keyed');
    const middle = Math.floor(bytes.length / 2);
    await output.write(bytes.subarray(0, middle));
    await output.write(bytes.subarray(middle));
    return output.close();
  }
}

/** One vertex, whose subtask 2 has the keyed state. */
function metadataOf(
  job: JobId,
  checkpoint: number,
  { keyed = [], timestampMs = 1 }: PublishOptions,
): CheckpointMetadata {
  const nothing = { operators: [], channels: [], finished: false };
  const range = { first: 0, last: 15 };
  const handles = keyed.map((state) => ({
    kind: 'key-groups' as const,
    format: 'heap',
    range,
    state,
  }));
  const operators = [{ operator: OPERATOR, keyed: handles, operatorState: [] }];
  return {
    checkpoint: checkpointId(checkpoint),
    job,
    jobName: 'contract',
    timestampMs,
    properties: { type: 'checkpoint', stop: 'no' },
    vertices: [
      {
        vertex: jobVertexId('vertex'),
        name: 'Count',
        parallelism: 3,
        maxParallelism: 16,
        operators: [
          { operator: OPERATOR, uid: 'count', name: 'Count by key', coordinatorState: undefined },
        ],
        fullyFinished: false,
        subtasks: [nothing, nothing, { operators, channels: [], finished: false }],
      },
    ],
  };
}
