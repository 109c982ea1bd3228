// What every transactional sink must survive, for the engine's own sinks and for yours: a job is
// stopped in each window of the two-phase protocol, goes back to a checkpoint, and in the end every
// record shows once. `crash` in the options adds power loss to every stop.

import type { FileSystem } from '../../environment/filesystem.ts';
import type { Sink } from '../sink.ts';
import { type ContractCheck, expectExactlyOnce } from './contract-check.ts';
import { type SinkCheckpoint, SinkRun } from './sink-run.ts';

/** One sink, pointed at a place of its own that is empty. */
export interface SinkUnderTest<IN, C, WS> {
  readonly sink: Sink<IN, C, WS>;
  /** What the sink's context offers. */
  readonly filesystem: FileSystem;
  /** The record that stands for this number. */
  readonly record: (id: number) => IN;
  /** The numbers of all records a consumer sees now. */
  readonly visible: () => Promise<readonly number[]>;
  /** The hosts lose power, with all that they did not make durable. Default: only processes die. */
  readonly crash?: () => void;
}

class Story<IN, C, WS> {
  readonly run: SinkRun<IN, C, WS>;
  readonly #subject: SinkUnderTest<IN, C, WS>;
  #completed: SinkCheckpoint<C, WS> | undefined;

  constructor(subject: SinkUnderTest<IN, C, WS>) {
    this.#subject = subject;
    this.run = new SinkRun(subject);
  }

  async complete(checkpoint: SinkCheckpoint<C, WS>): Promise<void> {
    this.#completed = checkpoint;
    await this.nothingEarly();
  }

  /** A checkpoint with three records, completed and committed. */
  async step(): Promise<void> {
    await this.run.write(3);
    const checkpoint = await this.run.prepare();
    await this.complete(checkpoint);
    await this.run.commit(checkpoint.id);
  }

  async restart(parallelism: number): Promise<void> {
    this.#subject.crash?.();
    await this.run.start(parallelism, this.#completed);
    await this.nothingEarly();
  }

  /** Only records of completed checkpoints show, and none of them twice. */
  async nothingEarly(): Promise<void> {
    const visible = await this.#subject.visible();
    const limit = this.#completed?.nextRecord ?? 0;
    expectExactlyOnce(
      visible,
      visible.filter((id) => id < limit),
      'before the checkpoint is complete',
    );
  }

  /** The rest of the input, to its end. */
  async end(): Promise<void> {
    await this.step();
    await this.run.write(2);
    const last = await this.run.prepare(true);
    await this.complete(last);
    await this.run.commit(last.id);
    this.run.close();
    const expected = Array.from({ length: last.nextRecord }, (_, id) => id);
    expectExactlyOnce(await this.#subject.visible(), expected, 'at the end');
  }
}

type Plot = <IN, C, WS>(story: Story<IN, C, WS>) => Promise<void>;

/** By window; n is the second checkpoint. */
const PLOTS: readonly (readonly [string, Plot])[] = [
  ['nothing fails', async () => {}],
  [
    'W1 stops before the barrier',
    async (story) => {
      await story.run.write(4);
      await story.restart(2);
    },
  ],
  [
    'W2 stops after the barrier, before anything is durable',
    async (story) => {
      await story.run.write(4);
      story.run.barrier();
      await story.run.settle();
      await story.restart(2);
    },
  ],
  [
    'W3 stops after all acknowledgements, before the checkpoint is complete',
    async (story) => {
      await story.run.write(4);
      await story.run.prepare();
      await story.restart(2);
    },
  ],
  [
    'W5 stops after the checkpoint is complete, before any commit',
    async (story) => {
      await story.run.write(4);
      await story.complete(await story.run.prepare());
      await story.restart(2);
    },
  ],
  [
    'W5 closes its writers after all acknowledgements, and the checkpoint is complete',
    async (story) => {
      await story.run.write(4);
      const checkpoint = await story.run.prepare();
      await story.run.write(3);
      story.run.close();
      await story.complete(checkpoint);
      await story.restart(2);
    },
  ],
  [
    'W6 stops when some subtasks have committed',
    async (story) => {
      await story.run.write(4);
      const checkpoint = await story.run.prepare();
      await story.complete(checkpoint);
      await story.run.commit(checkpoint.id, [0]);
      await story.restart(2);
    },
  ],
  [
    'W7 stops after the commit, and commits the same again, twice',
    async (story) => {
      await story.step();
      await story.restart(2);
      await story.restart(2);
    },
  ],
  [
    'W8 hears of n+1 but never of n',
    async (story) => {
      await story.run.write(4);
      await story.complete(await story.run.prepare());
      await story.step();
    },
  ],
  [
    'W9 n is aborted and its records go with n+1',
    async (story) => {
      await story.run.write(4);
      await story.run.prepare();
      await story.step();
      await story.restart(2);
    },
  ],
  [
    'W9 n is aborted, n+1 is empty and complete, then all stops before the commit',
    async (story) => {
      await story.run.write(4);
      await story.run.prepare();
      await story.complete(await story.run.prepare());
      await story.restart(2);
    },
  ],
  [
    'W13 restarts with less parallelism before the commit',
    async (story) => {
      await story.run.write(5);
      await story.complete(await story.run.prepare());
      await story.run.write(4);
      await story.run.prepare();
      await story.restart(1);
    },
  ],
  [
    'W13 restarts with more parallelism before the commit',
    async (story) => {
      await story.run.write(5);
      await story.complete(await story.run.prepare());
      await story.run.write(4);
      await story.restart(3);
    },
  ],
  [
    'W10 attempts that were replaced commit and close once more',
    async (story) => {
      await story.run.write(4);
      const checkpoint = await story.run.prepare();
      await story.complete(checkpoint);
      const { zombie } = story.run.detach();
      await story.restart(2);
      for (const { committer, committables } of zombie) {
        for (const { committable } of committables) await committer.commit(committable);
      }
      for (const { writer } of zombie) writer.close();
    },
  ],
];

/** `open` gives a new sink, with a new place, for every check. */
export function sinkChecks<IN, C, WS>(
  name: string,
  open: () => Promise<SinkUnderTest<IN, C, WS>>,
): readonly ContractCheck[] {
  return PLOTS.flatMap(([what, plot]) =>
    [false, true].map((isFirst) => ({
      name: `${name}: exactly once when it ${what}${isFirst ? ', at the first checkpoint' : ''}`,
      run: async () => {
        const story = new Story(await open());
        await story.run.start(2, undefined);
        if (!isFirst) await story.step();
        await plot(story);
        await story.end();
      },
    })),
  );
}
