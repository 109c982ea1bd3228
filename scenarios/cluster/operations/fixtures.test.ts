// For each kind of operation an assumption about a job that this kind alone breaks: kinds that
// nobody can tell apart would be one kind under two names.

import test from 'ava';
import { faultKindsOf, macrotask, type OperationFault } from '../../../simulator/index.ts';
import type { History } from '../../checkers/checker.ts';
import { defineScenario } from '../../scenario.ts';
import { simulate } from '../../simulate.ts';
import { versionedTotal } from '../../workloads/versioned-total.ts';

const after = { mark: 'checkpoint-completed', nth: 2 } as const;

interface Fixture {
  readonly fault: OperationFault;
  /** What somebody believes of the job, and is wrong about. */
  readonly assumption: string;
  readonly isBroken: (history: History) => boolean;
}

const FIXTURES: readonly Fixture[] = [
  {
    fault: { kind: 'savepoint', atMs: 20, after },
    assumption: 'a job that completes a savepoint has been told to stop',
    isBroken: (history) => savepoints(history) > 0 && restores(history).length === 1,
  },
  {
    fault: { kind: 'stop-with-savepoint', atMs: 20, after },
    assumption: 'the leader after a savepoint leads at another parallelism, or another job',
    isBroken: (history) =>
      savepoints(history) > 0 &&
      restores(history).length === 2 &&
      jobsAfter(history) === 0 &&
      parallelisms(history).size === 1,
  },
  {
    fault: { kind: 'rescale', atMs: 20, parallelism: 3, via: 'savepoint', after },
    assumption: 'a job keeps its parallelism',
    isBroken: (history) => parallelisms(history).size > 1,
  },
  {
    fault: { kind: 'cancel', atMs: 20, after },
    assumption: 'a new job starts from what was taken for a new job',
    isBroken: (history) => jobsAfter(history) > 0 && savepoints(history) === 0,
  },
  {
    fault: { kind: 'upgrade', atMs: 20, after },
    assumption: 'state is restored as it was written, once its job was stopped in order',
    isBroken: (history) =>
      jobsAfter(history) > 0 && savepoints(history) > 0 && !isSameState(history),
  },
  {
    fault: { kind: 'switch-backend', atMs: 20, backend: 'rocksdb', after },
    assumption: 'who keeps the state on the heap of a host has no use for its disk',
    isBroken: (history) => sharedFiles(history) > 0,
  },
];

const scenario = defineScenario({
  ...versionedTotal({ records: 100, pages: 5, recordsPerSecond: 40 }),
  id: 'test/operated',
  claim: 'One operation shows.',
  stateBackends: ['fs', 'rocksdb'],
  // Which of them there are makes no difference to a run that is given its plan.
  faults: faultKindsOf('operation'),
});

async function historyOf(faults: readonly OperationFault[]) {
  let history: History | undefined;
  const result = await simulate({
    scenario,
    backend: 'fs',
    seed: '00000000000000e5',
    drain: macrotask,
    plan: { healAtMs: 3_000, faults },
    interleaving: { kind: 'fifo' },
    onHistory: (told) => {
      history = told;
    },
  });
  return { history, result };
}

for (const { fault, assumption } of FIXTURES) {
  test.serial(`${fault.kind} alone shows that this is wrong: ${assumption}`, async (t) => {
    const { history, result } = await historyOf([fault]);
    t.is(result.verdict, 'valid', result.message);
    t.deepEqual(result.strikes, [1]);
    if (history === undefined) return t.fail();
    const broken = FIXTURES.filter(({ isBroken }) => isBroken(history));
    t.deepEqual(
      broken.map((one) => one.fault.kind),
      [fault.kind],
    );
    return undefined;
  });
}

test.serial('without an operation every assumption holds', async (t) => {
  const { history, result } = await historyOf([]);
  t.is(result.verdict, 'valid', result.message);
  if (history === undefined) return t.fail();
  t.is(restores(history).length, 1);
  t.deepEqual(
    FIXTURES.filter(({ isBroken }) => isBroken(history)),
    [],
  );
  return undefined;
});

test('every kind of operation has one fixture', (t) => {
  const kinds = FIXTURES.map(({ fault }) => fault.kind);
  t.deepEqual(kinds, [...faultKindsOf('operation')]);
});

test.serial('rescaled by a failover, the job goes on with as many subtasks', async (t) => {
  const fault = { kind: 'rescale', atMs: 20, parallelism: 4, via: 'failover', after } as const;
  const { history, result } = await historyOf([fault]);
  t.is(result.verdict, 'valid', result.message);
  t.deepEqual(history === undefined ? undefined : parallelisms(history), new Set([2, 4]));
  t.is(history === undefined ? -1 : savepoints(history), 0);
});

function savepoints({ events }: History): number {
  return events.filter(({ event }) => event.kind === 'checkpoint-completed' && event.savepoint)
    .length;
}

function restores({ events }: History): readonly unknown[] {
  return events.filter(({ event }) => event.kind === 'job-restoring');
}

function jobsAfter({ laterJobs = [] }: History): number {
  return laterJobs.length;
}

function parallelisms({ events }: History): ReadonlySet<number> {
  const found = events.flatMap(({ event }) =>
    event.kind === 'keyed-state-snapshotted' ? [event.parallelism] : [],
  );
  return new Set(found);
}

/** Of all restores: digests of entries are the same for every backend and parallelism. */
function isSameState({ events }: History): boolean {
  const written = new Set<string>();
  for (const { event } of events) {
    if (event.kind === 'keyed-state-snapshotted') written.add(event.digest);
    if (event.kind === 'keyed-state-restored' && !written.has(event.digest)) return false;
  }
  return true;
}

const SHARED_FILE = /\/scenario-2\/shared\//;

/** Immutable files of a store, which checkpoints share. */
function sharedFiles({ storage = [] }: History): number {
  return storage.filter((seen) => seen.kind === 'artefact-written' && SHARED_FILE.test(seen.path))
    .length;
}
