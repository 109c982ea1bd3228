// What every source must keep to, for the engine's own sources and for yours: wherever a job is
// stopped and whichever checkpoint it goes back to, whole or in part, at whatever parallelism,
// every record of the input is read once. Bounded sources only: the end has to be reached.

import type { FileSystem } from '../../environment/filesystem.ts';
import type { Source, SourceSplit } from '../source.ts';
import { type ContractCheck, expectExactlyOnce } from './contract-check.ts';
import { type SourceCheckpoint, SourceRun } from './source-run.ts';

/** One source over an input of a dozen records or more, the same at every call. */
export interface SourceUnderTest<T, S extends SourceSplit, C> {
  readonly source: Source<T, S, C>;
  readonly filesystem: FileSystem;
  /** Which record of the input this is. */
  readonly idOf: (value: T) => number;
  /** All records of the input. */
  readonly expected: readonly number[];
}

type Plot = <T, S extends SourceSplit, C>(
  run: SourceRun<T, S, C>,
  expected: readonly number[],
) => Promise<void>;

async function started<T, S extends SourceSplit, C>(
  run: SourceRun<T, S, C>,
  parallelism: number,
  restored?: SourceCheckpoint<S, C>,
): Promise<void> {
  run.start(parallelism, restored);
  run.registerAll();
  await run.settle();
}

async function end<T, S extends SourceSplit, C>(
  run: SourceRun<T, S, C>,
  expected: readonly number[],
): Promise<void> {
  await run.readToEnd();
  expectExactlyOnce(run.emitted, expected, 'at the end');
}

/** Stops after a checkpoint at every place of the input, having read on for a while. */
function restoresEverywhere(before: number, after: number): Plot {
  return async (run, expected) => {
    for (let at = 0; at <= expected.length; at++) {
      await started(run, before);
      await run.read(at);
      const checkpoint = run.checkpoint();
      await run.read(at % 4);
      await started(run, after, checkpoint);
      await end(run, expected);
    }
  };
}

const PLOTS: readonly (readonly [string, Plot])[] = [
  [
    'reads everything once',
    async (run, expected) => {
      await started(run, 2);
      await end(run, expected);
    },
  ],
  [
    'reads everything once with more subtasks than work',
    async (run, expected) => {
      await started(run, expected.length + 1);
      await end(run, expected);
    },
  ],
  [
    'waits for its splits before it ends',
    async (run, expected) => {
      run.start(2, undefined);
      for (const index of [0, 1]) run.poll(index, 1);
      run.registerAll();
      await run.settle();
      await end(run, expected);
    },
  ],
  ['goes on from any checkpoint', restoresEverywhere(2, 2)],
  ['goes on from any checkpoint with more parallelism', restoresEverywhere(1, 3)],
  ['goes on from any checkpoint with less parallelism', restoresEverywhere(3, 1)],
  [
    'goes on from a checkpoint of a restored job',
    async (run, expected) => {
      await started(run, 2);
      await run.read(3);
      await started(run, 3, run.checkpoint());
      await run.read(3);
      const second = run.checkpoint();
      await run.read(2);
      await started(run, 2, second);
      await end(run, expected);
    },
  ],
  [
    'goes back to a checkpoint from before any reader registered',
    async (run, expected) => {
      run.start(2, undefined);
      const checkpoint = run.checkpoint();
      run.registerAll();
      await run.settle();
      await run.read(3);
      await started(run, 2, checkpoint);
      await end(run, expected);
    },
  ],
  [
    'goes back to a checkpoint from when only one reader had registered',
    async (run, expected) => {
      run.start(2, undefined);
      await run.settle();
      run.register(1);
      await run.settle();
      const checkpoint = run.checkpoint();
      run.register(0);
      await run.read(5);
      await started(run, 2, checkpoint);
      await end(run, expected);
    },
  ],
  [
    'resets one subtask to a checkpoint, and the other goes on',
    async (run, expected) => {
      for (const failed of [0, 1]) {
        await started(run, 2);
        await run.read(3);
        const checkpoint = run.checkpoint();
        run.complete(checkpoint);
        await run.read(4);
        run.resetSubtask(failed, checkpoint);
        run.register(failed);
        await end(run, expected);
      }
    },
  ],
  [
    'resets one subtask to the start, after an aborted checkpoint',
    async (run, expected) => {
      await started(run, 2);
      await run.read(3);
      run.checkpoint();
      await run.read(2);
      run.resetSubtask(1, undefined);
      run.register(1);
      await end(run, expected);
    },
  ],
  [
    'resets a subtask that had read to its end',
    async (run, expected) => {
      await started(run, 2);
      const checkpoint = run.checkpoint();
      run.complete(checkpoint);
      await run.readToEnd();
      run.resetSubtask(0, checkpoint);
      run.register(0);
      await end(run, expected);
    },
  ],
  [
    'takes a checkpoint while a reset subtask has not come back',
    async (run, expected) => {
      await started(run, 2);
      await run.read(4);
      run.resetSubtask(0, undefined);
      const checkpoint = run.checkpoint();
      run.register(0);
      await run.read(2);
      await started(run, 3, checkpoint);
      await end(run, expected);
    },
  ],
];

/** `open` gives the same input for every check. */
export function sourceChecks<T, S extends SourceSplit, C>(
  name: string,
  open: () => Promise<SourceUnderTest<T, S, C>>,
): readonly ContractCheck[] {
  return PLOTS.map(([what, plot]) => ({
    name: `${name} ${what}`,
    run: async () => {
      const subject = await open();
      await plot(new SourceRun(subject), subject.expected);
    },
  }));
}
