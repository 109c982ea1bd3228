// Runs tasks as the Overlord and its workers do: a task waits for the lock on its time chunk, then
// for a free slot, works for a while, publishes its segments in one step and says how it ended, in
// another. A crash may come between the two; a task that a crash interrupts fails or starts anew.

import type { Environment } from '../../../engine/environment/environment.ts';
import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import type { Random } from '../../../engine/environment/random.ts';
import type { MsRange } from './broker-view.ts';
import { type Ingestion, ingestionOf, takeIn } from './ingestion.ts';
import { type Interval, intervalText, overlaps, parseInterval } from './intervals.ts';
import { momentOf, parseMoment } from './moments.ts';
import type { Journal } from './journal.ts';
import { parseJson, textAt } from './json.ts';
import { type KnownTask, type MetadataStore, visibleOf } from './metadata-store.ts';
import type { DruidRecord, Row, Segment, Task, TaskEnd } from './records.ts';

export interface TaskRunnerOptions {
  readonly environment: Environment;
  readonly store: MetadataStore;
  readonly journal: Journal;
  /** Called for every change once it is durable. */
  readonly apply: (record: DruidRecord) => void;
  readonly slots: number;
  readonly work: MsRange;
  /** One task in so many fails, half of them after they have published. 0: none. */
  readonly failOneIn: number;
}

export type Phase = 'waiting' | 'pending' | 'running';

interface Active {
  readonly task: Task;
  /** Undefined: a kill task. */
  readonly ingestion: Ingestion | undefined;
  readonly interval: Interval;
  phase: Phase;
  /** Of the lock; segments that the task makes have it. */
  version: string;
}

type Fate = 'well' | 'fails-before' | 'fails-after';

const RETRY_MS = 500;

export class TaskRunner {
  readonly #options: TaskRunnerOptions;
  readonly #random: Random;
  readonly #active = new Map<string, Active>();
  #lastVersionMs: number;

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
    this.#random = options.environment.random.fork('tasks');
    this.#lastVersionMs = parseMoment(options.store.newestVersion()) ?? 0;
  }

  /** Takes up what an earlier life of the server has left. */
  async resume(): Promise<void> {
    for (const { task, end, hasPublished } of this.#options.store.tasks()) {
      if (end !== undefined) continue;
      const isLost = hasPublished || this.#random.chance(0.5);
      if (isLost) await this.#end(task.id, failed('Canceled: the worker has gone away'));
      else this.accepted(task);
    }
  }

  /** Its record is durable. */
  accepted(task: Task): void {
    const payload = parseJson(task.payload);
    const parsed = task.type === 'kill' ? undefined : ingestionOf(payload);
    const ingestion = typeof parsed === 'string' ? undefined : parsed;
    const interval = ingestion?.interval ?? parseInterval(textAt(payload, 'interval') ?? '');
    if (interval === undefined) return;
    this.#active.set(task.id, { task, ingestion, interval, phase: 'waiting', version: '' });
    this.#advance();
  }

  phaseOf(id: string): Phase | undefined {
    return this.#active.get(id)?.phase;
  }

  async shutDown(id: string): Promise<void> {
    await this.#end(id, failed('Shutdown request from user'));
  }

  /** First come, first served: for locks, then for slots. */
  #advance(): void {
    for (const active of this.#active.values()) {
      if (active.phase === 'waiting' && !this.#isLocked(active)) {
        active.phase = 'pending';
        active.version = this.#nextVersion();
      }
      if (active.phase !== 'pending' || this.#runningCount() >= this.#options.slots) continue;
      active.phase = 'running';
      const { minMs, maxMs } = this.#options.work;
      const fate = this.#drawFate();
      this.#later(minMs + this.#random.below(maxMs - minMs + 1), () => this.#work(active, fate));
    }
  }

  /** An older task that waits as well goes first. */
  #isLocked({ task, interval }: Active): boolean {
    for (const other of this.#active.values()) {
      if (other.task.id === task.id) return false;
      const isSame = other.task.datasource === task.datasource;
      if (isSame && overlaps(other.interval, interval)) return true;
    }
    return false;
  }

  async #work(active: Active, fate: Fate): Promise<void> {
    const { id } = active.task;
    if (fate === 'fails-before') return this.#end(id, failed('Worker died'));
    const { ingestion } = active;
    if (ingestion === undefined) return this.#kill(active);
    const rows = takeIn(ingestion, (datasource, interval) => this.#rowsOf(datasource, interval));
    if (typeof rows === 'string') return this.#end(id, failed(rows));
    await this.#change(() => this.#publication(active, ingestion, rows));
    const end = { state: 'success', message: undefined, processed: rows.length } as const;
    await this.#end(id, fate === 'fails-after' ? failed('Worker died') : end);
  }

  async #kill({ task, interval }: Active): Promise<void> {
    const { store } = this.#options;
    await this.#change(() => {
      const segments = store.inside(task.datasource, interval, false).map(({ id }) => id);
      return { kind: 'killed', segments };
    });
    await this.#end(task.id, { state: 'success', message: undefined, processed: undefined });
  }

  /** Nothing if the task was stopped meanwhile, or has published before a write failed. */
  #publication(
    { task, version }: Active,
    ingestion: Ingestion,
    rows: readonly Row[],
  ): DruidRecord | undefined {
    const known = this.#options.store.task(task.id);
    if (known === undefined || isOver(known) || rows.length === 0) return undefined;
    return { kind: 'published', id: task.id, segments: [this.#segment(ingestion, version, rows)] };
  }

  /** What is added becomes part of the version that is there. */
  #segment(
    { datasource, interval, isAppend }: Ingestion,
    lockVersion: string,
    rows: readonly Row[],
  ): Segment {
    const { store } = this.#options;
    const there = visibleOf(store.used(datasource, interval)).map(({ version: other }) => other);
    const version = (isAppend ? there[0] : undefined) ?? lockVersion;
    const partition = store.lastPartition(datasource, interval, version) + 1;
    const name = intervalText(interval).replace('/', '_');
    const suffix = partition === 0 ? '' : `_${partition}`;
    const id = `${datasource}_${name}_${version}${suffix}`;
    return { id, datasource, interval, version, partition, rows };
  }

  #rowsOf(datasource: string, interval: Interval): readonly Row[] {
    const segments = visibleOf(this.#options.store.used(datasource, interval));
    return segments.flatMap(({ rows }) =>
      rows.filter((row) => {
        const time = Number(row.get('__time'));
        return interval.startMs <= time && time < interval.endMs;
      }),
    );
  }

  async #end(id: string, end: TaskEnd): Promise<void> {
    await this.#change(() => {
      const known = this.#options.store.task(id);
      return known === undefined || known.end !== undefined
        ? undefined
        : { kind: 'ended', id, end };
    });
    this.#active.delete(id);
    this.#advance();
  }

  /** A disk that fails is tried again: by then the change may be there already. */
  async #change(decide: () => DruidRecord | undefined): Promise<void> {
    try {
      await this.#options.journal.change(decide, this.#options.apply);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      await new Promise<void>((resolve) => this.#later(RETRY_MS, async () => resolve()));
      await this.#change(decide);
    }
  }

  #later(delayMs: number, work: () => Promise<void>): void {
    const { environment } = this.#options;
    environment.clock.schedule(delayMs, () => {
      environment.expectContinuations();
      void work();
    });
  }

  #runningCount(): number {
    return [...this.#active.values()].filter(({ phase }) => phase === 'running').length;
  }

  #drawFate(): Fate {
    const { failOneIn } = this.#options;
    if (failOneIn === 0 || this.#random.below(failOneIn) !== 0) return 'well';
    return this.#random.chance(0.5) ? 'fails-before' : 'fails-after';
  }

  #nextVersion(): string {
    const { clock } = this.#options.environment;
    this.#lastVersionMs = Math.max(clock.wallTime(), this.#lastVersionMs + 1);
    return momentOf(this.#lastVersionMs);
  }
}

function isOver({ end, hasPublished }: KnownTask): boolean {
  return end !== undefined || hasPublished;
}

function failed(message: string): TaskEnd {
  return { state: 'failed', message, processed: undefined };
}
