// Jobs that run embedded on a real disk, in a directory of their own, for tests: with a way to stop
// them, what they report, and what has been committed.

import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { StreamExecutionEnvironment } from '../../../api/stream-execution-environment.ts';
import { FileSink } from '../../../connector/file-sink.ts';
import { jsonLines } from '../../../connector/json-lines.ts';
import type { Environment } from '../../environment.ts';
import { nodeEnvironment } from '../node-environment.ts';
import { EmbeddedExecutor, type FailureReport } from '../../../runtime/embedded.ts';
import type { LeaseOwner } from '../../../runtime/job/job-lease.ts';

export interface EmbeddedBenchOptions {
  readonly environment?: Environment;
  readonly owner?: LeaseOwner;
}

export class EmbeddedBench {
  readonly directory: string;
  readonly failures: FailureReport[] = [];
  readonly #options: EmbeddedBenchOptions;
  #stop: (() => void) | undefined;

  private constructor(directory: string, options: EmbeddedBenchOptions) {
    this.directory = directory;
    this.#options = options;
  }

  static async open(options: EmbeddedBenchOptions = {}): Promise<EmbeddedBench> {
    return new EmbeddedBench(await mkdtemp(join(tmpdir(), 'onceproof-embedded-')), options);
  }

  get checkpoints(): string {
    return `${this.directory}/checkpoints`;
  }

  get output(): string {
    return `${this.directory}/output`;
  }

  /** Checkpoints every 20 ms, state on disk, no restarts unless set otherwise. */
  env(): StreamExecutionEnvironment {
    const { environment = nodeEnvironment(), owner } = this.#options;
    const executor = new EmbeddedExecutor({
      environment,
      ...(owner === undefined ? {} : { owner }),
      reportFailure: (report) => this.failures.push(report),
      onStopRequested: (stop) => {
        this.#stop = stop;
        return () => (this.#stop = undefined);
      },
    });
    return StreamExecutionEnvironment.create({ executor })
      .enableCheckpointing(20)
      .setStateBackend('fs')
      .setCheckpointStorage(this.checkpoints)
      .setRestartStrategy({ kind: 'none' });
  }

  sink<T>(): FileSink<T> {
    return new FileSink<T>({ directory: this.output, format: jsonLines<T>() });
  }

  /** As Ctrl-C does. */
  stop(): void {
    this.#stop?.();
  }

  /** Records of finished files, in no order. */
  async committed<T>(): Promise<readonly T[]> {
    // Nothing was committed yet.
    if (!existsSync(this.output)) return [];
    const names = (await readdir(this.output)).filter((name) => !name.startsWith('.'));
    const texts = await Promise.all(
      names.map((name) => readFile(`${this.output}/${name}`, 'utf8')),
    );
    const lines = texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
    return lines.map((line) => JSON.parse(line) as T);
  }

  /** Ascending. */
  async committedNumbers(): Promise<readonly number[]> {
    return [...(await this.committed<number>())].sort((left, right) => left - right);
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
