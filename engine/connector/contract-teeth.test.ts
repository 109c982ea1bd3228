// The contract suites must object: each of these connectors is wrong in one way, most of them as a
// real engine once was, and at least one check has to say so. The right ones pass.

import test from 'ava';

import { NO_TIMESTAMP } from '../stream/elements.ts';
import { CollectionSource } from './collection-source.ts';
import type { FileCommittable } from './file-committer.ts';
import { FileSink } from './file-sink.ts';
import type { IndexedSplit } from './indexed-source.ts';
import { jsonLines } from './json-lines.ts';
import type { Sink, SinkContext, SinkWriter } from './sink.ts';
import type { Source, SourceReader, SplitEnumerator } from './source.ts';
import type { StaticEnumeratorState } from './static-split-enumerator.ts';
import type { ContractCheck } from './testing/contract-check.ts';
import { InMemoryFileSystem } from './testing/in-memory-filesystem.ts';
import { sinkChecks } from './testing/sink-checks.ts';
import { sourceChecks } from './testing/source-checks.ts';

async function objections(checks: readonly ContractCheck[]): Promise<string[]> {
  const names: string[] = [];
  for (const { name, run } of checks) {
    try {
      await run();
    } catch {
      names.push(name);
    }
  }
  return names;
}

type State = StaticEnumeratorState<IndexedSplit>;
type TestSource = Source<number, IndexedSplit, State>;
type Enumerator = SplitEnumerator<IndexedSplit, State>;
type Reader = SourceReader<number, IndexedSplit>;

const NUMBERS = Array.from({ length: 13 }, (_, index) => index);

/** The right source, with some of its methods replaced. */
function source(
  enumerator: (right: Enumerator, context: Parameters<TestSource['createEnumerator']>[0]) => object,
  reader: (right: Reader) => object,
): TestSource {
  const right = new CollectionSource({ elements: NUMBERS, splits: 4 });
  return {
    name: 'wrong',
    boundedness: 'bounded',
    createEnumerator(context, restored) {
      const inner = right.createEnumerator(context, restored);
      return overlay<Enumerator>(inner, enumerator(inner, context));
    },
    createReader(context) {
      const inner = right.createReader(context);
      return overlay<Reader>(inner, reader(inner));
    },
  };
}

/** Methods of `right` bound to it, except where `wrong` has its own. */
function overlay<T extends object>(right: T, wrong: object): T {
  return new Proxy(right, {
    get: (target, key): unknown => {
      const own: unknown = Reflect.get(wrong, key);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

const same = (): object => ({});

const WRONG_SOURCES: readonly (readonly [string, () => TestSource])[] = [
  [
    'forgets how far it has read',
    () =>
      source(same, (right) => ({
        snapshotState: () => right.snapshotState().map((split) => ({ ...split, next: 0 })),
      })),
  ],
  [
    'forgets all splits but one',
    () => source(same, (right) => ({ snapshotState: () => right.snapshotState().slice(0, 1) })),
  ],
  [
    'counts a record as read that it has not emitted',
    () =>
      source(same, (right) => ({
        snapshotState: () =>
          right.snapshotState().map((split) => ({ ...split, next: split.next + 1 })),
      })),
  ],
  [
    'hands out a snapshot that goes on changing',
    () =>
      source(same, (right) => {
        const live: IndexedSplit[] = [];
        const refresh = (): IndexedSplit[] => {
          live.splice(0, live.length, ...right.snapshotState());
          return live;
        };
        return {
          snapshotState: refresh,
          pollNext: (...args: Parameters<Reader['pollNext']>) => {
            const status = right.pollNext(...args);
            refresh();
            return status;
          },
        };
      }),
  ],
  [
    'emits more than it was asked for',
    () =>
      source(same, (right) => ({
        pollNext: (output: Parameters<Reader['pollNext']>[0], limit: number) =>
          right.pollNext(output, limit + 1),
      })),
  ],
  [
    'ends as soon as it has nothing to read',
    () =>
      source(same, (right) => ({
        pollNext: (...args: Parameters<Reader['pollNext']>) => {
          const status = right.pollNext(...args);
          return status === 'nothing-available' ? 'end-of-input' : status;
        },
      })),
  ],
  ['drops splits that come back', () => source(() => ({ addSplitsBack: () => {} }), same)],
  [
    'keeps in its snapshot what it has assigned (FLINK-16986)',
    () =>
      source((right) => {
        let first: State | undefined;
        return {
          start: () => {
            right.start();
            first = right.snapshotState();
          },
          snapshotState: () => first ?? right.snapshotState(),
        };
      }, same),
  ],
  [
    'leaves out of its snapshot what it has not assigned (FLINK-40469)',
    () => source(() => ({ snapshotState: () => ({ isDiscovered: true, unassigned: [] }) }), same),
  ],
  [
    'assigns to readers that are not there (FLINK-20261)',
    () =>
      source(
        (right, context) => ({
          addSplitsBack: (splits: readonly IndexedSplit[], subtask: number) => {
            for (const split of splits) context.assignSplit(split, subtask);
            void right;
          },
        }),
        same,
      ),
  ],
  [
    'says only once that there is no more',
    () =>
      source((right) => {
        const told = new Set<number>();
        return {
          addReader: (subtask: number) => {
            if (!told.has(subtask)) right.addReader(subtask);
            told.add(subtask);
          },
        };
      }, same),
  ],
];

async function objectionsToSource(subject: () => TestSource): Promise<string[]> {
  const checks = sourceChecks('source', () =>
    Promise.resolve({
      source: subject(),
      filesystem: new InMemoryFileSystem(),
      idOf: (value: number) => value,
      expected: NUMBERS,
    }),
  );
  return objections(checks);
}

test('the source contract has no objection to the right source', async (t) => {
  t.deepEqual(await objectionsToSource(() => source(same, same)), []);
});

for (const [what, wrong] of WRONG_SOURCES) {
  test(`the source contract objects to a source that ${what}`, async (t) => {
    t.not((await objectionsToSource(wrong)).length, 0);
  });
}

type TestSink = Sink<number, FileCommittable, never>;
type Writer = SinkWriter<number, FileCommittable, never>;

const DIRECTORY = '/out';

function fileSink(): FileSink<number> {
  return new FileSink<number>({ directory: DIRECTORY, format: jsonLines<number>() });
}

function sink(wrong: (right: FileSink<number>) => object): () => TestSink {
  return () => {
    const right = fileSink();
    return overlay<TestSink>(right, wrong(right));
  };
}

/** The right writer, with some of its methods replaced. */
function withWriter(wrong: (right: Writer, context: SinkContext) => object): () => TestSink {
  return sink((right) => ({
    createWriter: (context: SinkContext) => {
      const inner = right.createWriter(context);
      return overlay<Writer>(inner, wrong(inner, context));
    },
  }));
}

const WRONG_SINKS: readonly (readonly [string, () => TestSink])[] = [
  [
    'commits when it seals',
    withWriter((right, context) => ({
      prepareCommit: (...args: Parameters<Writer['prepareCommit']>) => {
        const prepared = right.prepareCommit(...args);
        const commit = async (): Promise<void> => {
          await prepared.durable;
          const committer = fileSink().createCommitter(context);
          for (const committable of prepared.committables) await committer.commit(committable);
        };
        return { ...prepared, durable: commit() };
      },
    })),
  ],
  [
    'forgets the last seal at the end of the input (FLINK-34117)',
    withWriter((right) => ({
      prepareCommit: (...args: Parameters<Writer['prepareCommit']>) => {
        const prepared = right.prepareCommit(...args);
        return args[1] ? { ...prepared, committables: [] } : prepared;
      },
    })),
  ],
  [
    'seals every second record only',
    withWriter((right) => {
      let count = 0;
      return {
        write: (value: number) => {
          if (count++ % 2 === 0) right.write(value, NO_TIMESTAMP);
        },
      };
    }),
  ],
  [
    'cannot commit the same twice',
    sink((right) => ({
      createCommitter: (context: SinkContext) => {
        const committer = right.createCommitter(context);
        return {
          commit: async (committable: FileCommittable) => {
            const pending = await context.filesystem.status(committable.pendingPath);
            if (pending !== undefined) return committer.commit(committable);
            return { kind: 'failed', cause: 'it is gone' };
          },
        };
      },
    })),
  ],
  [
    'shows the same twice when it commits again (a lost response)',
    sink((right) => ({
      createCommitter: (context: SinkContext) => {
        let count = 0;
        return {
          commit: async (committable: FileCommittable) => {
            const { filesystem } = context;
            const exists = await filesystem.status(committable.finishedPath);
            if (exists === undefined) return right.createCommitter(context).commit(committable);
            const bytes = await filesystem.read(committable.finishedPath);
            await filesystem.write(`${committable.finishedPath}-again-${count++}`, bytes);
            return { kind: 'committed' };
          },
        };
      },
    })),
  ],
  [
    'says it has committed what it has not',
    sink(() => ({
      createCommitter: () => ({ commit: () => Promise.resolve({ kind: 'committed' }) }),
    })),
  ],
  [
    'removes what is sealed when it starts (FLINK-37622)',
    sink(() => ({
      abortLingering: async ({ filesystem }: SinkContext) => {
        if ((await filesystem.status(DIRECTORY)) === undefined) return;
        for (const name of await filesystem.list(DIRECTORY)) {
          if (name.startsWith('.')) await filesystem.remove(`${DIRECTORY}/${name}`);
        }
      },
    })),
  ],
  [
    'removes what it sealed when it closes',
    withWriter((right, { filesystem }) => {
      const sealed: string[] = [];
      return {
        prepareCommit: (...args: Parameters<Writer['prepareCommit']>) => {
          const prepared = right.prepareCommit(...args);
          sealed.push(...prepared.committables.map(({ pendingPath }) => pendingPath));
          return prepared;
        },
        close: () => {
          for (const path of sealed) void filesystem.truncate(path, 0).catch(() => {});
        },
      };
    }),
  ],
];

/** Where only processes die, and where power fails and takes all that was not synced. */
async function objectionsToSink(subject: () => TestSink, hasSync = true): Promise<string[]> {
  const alive = sinkChecksOf(subject, hasSync, { data: true, names: true });
  const lossy = sinkChecksOf(subject, hasSync, { data: false, names: false });
  return objections([...alive, ...lossy]);
}

function sinkChecksOf(
  subject: () => TestSink,
  hasSync: boolean,
  survives: { readonly data: boolean; readonly names: boolean },
): readonly ContractCheck[] {
  return sinkChecks('sink', () => {
    const filesystem = new InMemoryFileSystem();
    const seen = hasSync ? filesystem : overlay(filesystem, { sync: () => Promise.resolve() });
    return Promise.resolve({
      sink: subject(),
      filesystem: seen,
      record: (id: number) => id,
      visible: () => visibleIn(filesystem),
      crash: () => filesystem.crash(survives),
    });
  });
}

async function visibleIn(filesystem: InMemoryFileSystem): Promise<number[]> {
  if ((await filesystem.status(DIRECTORY)) === undefined) return [];
  const numbers: number[] = [];
  for (const name of await filesystem.list(DIRECTORY)) {
    if (!name.startsWith('part-')) continue;
    const text = new TextDecoder().decode(await filesystem.read(`${DIRECTORY}/${name}`));
    numbers.push(
      ...text
        .split('\n')
        .filter((line) => line !== '')
        .map(Number),
    );
  }
  return numbers;
}

test('the sink contract has no objection to the right sink', async (t) => {
  t.deepEqual(await objectionsToSink(fileSink), []);
});

for (const [what, wrong] of WRONG_SINKS) {
  test(`the sink contract objects to a sink that ${what}`, async (t) => {
    t.not((await objectionsToSink(wrong)).length, 0);
  });
}

test('the sink contract objects to a disk that never syncs (FLINK-9113)', async (t) => {
  t.not((await objectionsToSink(fileSink, false)).length, 0);
});
