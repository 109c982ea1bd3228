// Storages that keep too little, storages that keep too much, and pointers to nothing.

import type { History, TimedEvent } from './checker.ts';
import type { StorageEvent } from './observations.ts';
import { neededArtefactsStay, pointerIsReadable, unneededArtefactsGo } from './storage-checkers.ts';
import { type Case, checkerContract } from './checker.contract.ts';
import { at, engine, history } from './testing/hand-made.ts';

const { triggered, completed, aborted, elected, restoring } = engine;

function run(
  events: readonly TimedEvent[],
  storage: readonly StorageEvent[],
  changes: Partial<History> = {},
): History {
  return history({ events, storage, healedAtMs: 0, ...changes });
}

function files(timeMs: number, ...names: readonly string[]): StorageEvent {
  const appeared = names.filter((name) => !name.startsWith('-'));
  const removed = names.filter((name) => name.startsWith('-')).map((name) => name.slice(1));
  return { kind: 'artefacts', timeMs, appeared, removed };
}

function metadata(timeMs: number, checkpoint: number, ...references: string[]): StorageEvent {
  return { kind: 'metadata', timeMs, checkpoint, references };
}

function pointer(timeMs: number, checkpoint: number, ...missing: string[]): StorageEvent {
  return { kind: 'pointer', timeMs, checkpoint, missing };
}

function written(timeMs: number, path: string, checkpoint: number): StorageEvent {
  return { kind: 'artefact-written', timeMs, path, checkpoint };
}

const over = (timeMs: number): StorageEvent => ({ kind: 'job-over', timeMs });
const [M1, M2, S1, SHARED] = [
  '/c/chk-1/_metadata',
  '/c/chk-2/_metadata',
  '/c/chk-1/s',
  '/c/shared/t',
];
const FIRST = [files(5, S1), metadata(6, 1, S1), files(9, M1)];
const TWO = [...FIRST, files(15, '/c/chk-2/s', M2), metadata(15, 2, '/c/chk-2/s')];

const NEEDED: readonly Case[] = [
  [neededArtefactsStay, 'no look at the storage', run([at(10, completed(1))], []), 'not exercised'],
  [
    neededArtefactsStay,
    'a subsumed checkpoint that goes',
    run([at(10, completed(1)), at(20, completed(2))], [...TWO, files(25, `-${S1}`, `-${M1}`)]),
    'valid',
  ],
  [
    neededArtefactsStay,
    'one that goes in the very moment that it is subsumed',
    run([at(10, completed(1)), at(20, completed(2))], [...TWO, files(20, `-${S1}`, `-${M1}`)]),
    'valid',
  ],
  [
    neededArtefactsStay,
    'state of the only checkpoint that goes',
    run([at(10, completed(1))], [...FIRST, files(12, `-${S1}`)]),
    'invalid',
  ],
  [
    neededArtefactsStay,
    'metadata of the only checkpoint that goes',
    run([at(10, completed(1))], [...FIRST, files(12, `-${M1}`)]),
    'invalid',
  ],
  [
    neededArtefactsStay,
    'a predecessor that goes before its successor is complete',
    run([at(10, completed(1)), at(20, completed(2))], [...TWO, files(18, `-${S1}`)]),
    'invalid',
  ],
  [
    neededArtefactsStay,
    'a predecessor that goes though two are kept',
    run([at(10, completed(1)), at(20, completed(2))], [...TWO, files(25, `-${S1}`)], {
      retainedCheckpoints: 2,
    }),
    'invalid',
  ],
  [
    neededArtefactsStay,
    'a shared file that goes with the checkpoint that brought it, while a later one uses it',
    run(
      [at(10, completed(1)), at(20, completed(2))],
      [
        files(5, SHARED, M1),
        metadata(6, 1, SHARED),
        metadata(15, 2, SHARED),
        files(16, M2),
        files(25, `-${M1}`, `-${SHARED}`),
      ],
    ),
    'invalid',
  ],
  [
    neededArtefactsStay,
    'a checkpoint that completes without a file it refers to',
    run([at(10, completed(1))], [metadata(6, 1, S1), files(9, M2), files(11, M1, `-${M2}`)]),
    'invalid',
  ],
  [
    neededArtefactsStay,
    'a predecessor that goes once the next leader has found its successor',
    run([at(10, completed(1))], [...TWO, pointer(17, 2), files(18, `-${S1}`, `-${M1}`)]),
    'valid',
  ],
  [
    neededArtefactsStay,
    'everything that goes once the job is over',
    run([at(10, completed(1))], [...FIRST, over(11), files(12, `-${S1}`, `-${M1}`)]),
    'valid',
  ],
  [
    neededArtefactsStay,
    'a file that a fault has removed',
    run([at(10, completed(1))], [...FIRST, files(12, `-${S1}`)], { damaged: [S1] }),
    'valid',
  ],
  [
    neededArtefactsStay,
    'what a stop with a savepoint has replaced',
    run(
      [at(10, completed(1)), at(20, completed(2, true))],
      [...FIRST, metadata(15, 2, '/s/x'), files(16, '/s/x', M2), files(25, `-${S1}`, `-${M1}`)],
    ),
    'valid',
  ],
  [
    neededArtefactsStay,
    'what only a plain savepoint could stand for',
    run(
      [at(10, completed(1)), at(20, completed(2, true))],
      [...FIRST, files(16, '/s/x', '/s/_metadata'), files(25, `-${S1}`)],
    ),
    'invalid',
  ],
];

const S2 = '/c/chk-2/s';
const M3 = '/c/chk-3/_metadata';
const THREE = [metadata(28, 3), files(29, M3)];
const two = { retainedCheckpoints: 2 };

/**
 * The first leader announces 1 alone; the second one goes on from what it finds, and completes 3.
 */
function twoLeaders(found: readonly TimedEvent[], ...storage: readonly StorageEvent[]): History {
  const events = [at(10, completed(1)), at(20, elected(2)), ...found, at(30, completed(3))];
  return run(events, [...TWO, ...THREE, ...storage], two);
}

const LEADERS: readonly Case[] = [
  [
    neededArtefactsStay,
    'one whose place a checkpoint has taken that its leader could not announce',
    twoLeaders([at(22, restoring(2))], pointer(20, 2), files(31, `-${S1}`, `-${M1}`)),
    'valid',
  ],
  [
    neededArtefactsStay,
    'that one, in the very moment that a third one completes',
    twoLeaders([at(22, restoring(2))], pointer(20, 2), files(30, `-${S1}`, `-${M1}`)),
    'valid',
  ],
  [
    neededArtefactsStay,
    'a checkpoint that a leader went on from goes though two are kept',
    twoLeaders([at(22, restoring(2))], pointer(20, 2), files(31, `-${S2}`, `-${M2}`)),
    'invalid',
  ],
  [
    neededArtefactsStay,
    'a checkpoint goes of which it was known too late that it is complete',
    twoLeaders([], pointer(17, 2), files(31, `-${S2}`, `-${M2}`)),
    'valid',
  ],
  [
    neededArtefactsStay,
    'one of two that were announced goes with a change of leaders',
    run(
      [at(10, completed(1)), at(20, completed(2)), at(30, elected(2)), at(31, restoring(2))],
      [...TWO, files(32, `-${S1}`, `-${M1}`)],
      two,
    ),
    'invalid',
  ],
];

/** Checkpoints `first` to `last`, one a second, each of which takes the place of the one before. */
function many(last: number, leak: (id: number) => boolean, from = 0, first = 1): History {
  const events: TimedEvent[] = [at(0, elected(1))];
  const storage: StorageEvent[] = [];
  for (let id = first; id <= last; id++) {
    const ms = from + 1_000 * id;
    const [state, meta] = [`/c/chk-${id}/s`, `/c/chk-${id}/_metadata`];
    events.push(at(ms, triggered(id)), at(ms + 100, completed(id)));
    storage.push(files(ms + 50, state), metadata(ms + 60, id, state), files(ms + 90, meta));
    if (id > first && !leak(id - 1)) {
      storage.push(files(ms + 200, `-/c/chk-${id - 1}/s`, `-/c/chk-${id - 1}/_metadata`));
    }
  }
  return run(events, storage);
}

const aborting = (isRemoved: boolean): History => {
  const { events, storage = [], ...rest } = many(9, () => false, 2_000);
  const remains = '/c/chk-0/s';
  return {
    ...rest,
    events: [at(1_000, triggered(0)), at(1_500, aborted(0)), ...events.slice(1)],
    storage: [
      files(1_200, remains),
      ...storage,
      ...(isRemoved ? [files(3_500, `-${remains}`)] : []),
    ],
  };
};

/** A checkpoint is given up at `abortedMs`, the next completes at 3,100 ms, and its files stay. */
function givenUp(abortedMs: number): History {
  const { events, storage = [], ...rest } = many(9, () => false, 0, 3);
  const failed = [at(1_000, triggered(2)), at(abortedMs, aborted(2))];
  const stored = files(1_200, '/c/chk-2/s');
  const [election, ...others] = events;
  const before = election === undefined ? failed : [election, ...failed];
  return { ...rest, events: [...before, ...others], storage: [stored, ...storage] };
}

const sharing = (isUsed: boolean, isRemoved: boolean): History => {
  const { events, storage = [], ...rest } = many(9, () => false);
  return {
    ...rest,
    events,
    storage: [
      written(1_040, SHARED, 1),
      files(1_040, SHARED),
      ...storage.map((event) => {
        if (event.kind !== 'metadata' || !(isUsed || event.checkpoint === 1)) return event;
        return { ...event, references: [...event.references, SHARED] };
      }),
      ...(isRemoved ? [files(4_500, `-${SHARED}`)] : []),
    ],
  };
};

function orphaned(): History {
  const { events, storage = [], ...rest } = many(9, () => false, 2_000);
  const before = [at(0, elected(1)), at(1_000, triggered(0)), at(1_500, elected(2))];
  const files1 = files(1_200, '/c/chk-0/s');
  return { ...rest, events: [...before, ...events.slice(1)], storage: [files1, ...storage] };
}

/** A task that was cut off stores state for a checkpoint; tasks are deployed anew at 1,500 ms. */
function cutOff(storedMs: number): History {
  const { events, storage = [], ...rest } = many(9, () => false, 0, 2);
  const failed = [at(1_000, triggered(1)), at(1_500, aborted(1)), at(1_500, restoring(undefined))];
  const before = [at(0, elected(1)), ...failed];
  const stored = files(storedMs, '/c/chk-1/s');
  return { ...rest, events: [...before, ...events.slice(1)], storage: [stored, ...storage] };
}

function saving(): History {
  const { events, storage = [], ...rest } = many(9, () => false, 2_000);
  const [first, ...others] = events;
  const saved = [at(1_000, triggered(0)), at(1_500, completed(0, true))];
  return {
    ...rest,
    events: [...(first === undefined ? [] : [first]), ...saved, ...others],
    storage: [files(1_200, '/s/savepoint-a-1/x', '/c/chk-0/_metadata'), ...storage],
  };
}

const UNNEEDED: readonly Case[] = [
  [unneededArtefactsGo, 'a run without a checkpoint', run([], []), 'not exercised'],
  [
    unneededArtefactsGo,
    'checkpoints that go once they are subsumed',
    many(9, () => false),
    'valid',
  ],
  [unneededArtefactsGo, 'checkpoints that all stay', many(9, () => true), 'invalid'],
  [unneededArtefactsGo, 'one forgotten checkpoint', many(9, (id) => id === 2), 'invalid'],
  [unneededArtefactsGo, 'one that lingers for a while', many(4, (id) => id === 1), 'valid'],
  [
    unneededArtefactsGo,
    'one that was forgotten while a disk failed',
    { ...many(9, (id) => id === 1), healedAtMs: 2_500, hadStorageFaults: true },
    'valid',
  ],
  [
    unneededArtefactsGo,
    'one that was forgotten after all disks had been healed',
    { ...many(9, (id) => id === 3), healedAtMs: 2_500, hadStorageFaults: true },
    'invalid',
  ],
  [unneededArtefactsGo, 'an aborted checkpoint whose files stay', aborting(false), 'invalid'],
  [unneededArtefactsGo, 'an aborted checkpoint whose files go', aborting(true), 'valid'],
  [
    unneededArtefactsGo,
    'one that was given up while a disk failed, though the next completes later',
    { ...givenUp(1_500), healedAtMs: 2_500, hadStorageFaults: true },
    'valid',
  ],
  [
    unneededArtefactsGo,
    'one that was given up after all disks had been healed, and stays',
    { ...givenUp(2_600), healedAtMs: 2_500, hadStorageFaults: true },
    'invalid',
  ],
  [unneededArtefactsGo, 'what was under way when a leader died, and stays', orphaned(), 'invalid'],
  [unneededArtefactsGo, 'what was stored before a sweep that missed it', cutOff(1_400), 'invalid'],
  [
    unneededArtefactsGo,
    'what a task stored that was cut off, after the sweep',
    cutOff(1_600),
    'valid',
  ],
  [unneededArtefactsGo, 'a savepoint, which its user keeps', saving(), 'valid'],
  [unneededArtefactsGo, 'a shared file that all checkpoints use', sharing(true, false), 'valid'],
  [
    unneededArtefactsGo,
    'a shared file that nobody uses any more',
    sharing(false, false),
    'invalid',
  ],
  [unneededArtefactsGo, 'a shared file that goes after its use', sharing(false, true), 'valid'],
];

const POINTERS: readonly Case[] = [
  [pointerIsReadable, 'no pointer', run([], []), 'not exercised'],
  [
    pointerIsReadable,
    'pointers that can be followed',
    run([], [pointer(1, 1), pointer(2, 2)]),
    'valid',
  ],
  [
    pointerIsReadable,
    'a pointer to metadata that is not durable',
    run([], [pointer(1, 1, M1)]),
    'invalid',
  ],
  [
    pointerIsReadable,
    'a pointer to metadata whose state has gone meanwhile',
    run([], [pointer(1, 1), pointer(5, 1, S1)]),
    'invalid',
  ],
  [
    pointerIsReadable,
    'a pointer to what a fault has removed',
    run([], [pointer(5, 1, S1)], { damaged: [S1] }),
    'valid',
  ],
  [
    pointerIsReadable,
    'a pointer that goes back',
    run([], [pointer(1, 2), pointer(2, 1)]),
    'invalid',
  ],
  [
    pointerIsReadable,
    'a pointer of a job that is over',
    run([], [pointer(1, 2), over(3), pointer(4, 1, M1)]),
    'valid',
  ],
];

checkerContract([...NEEDED, ...LEADERS, ...UNNEEDED, ...POINTERS]);
