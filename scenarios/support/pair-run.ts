// Two jobs that are one: the first is stopped with a savepoint on one backend, the second goes on
// from it on another, at another parallelism. Tells what both have committed and what their keyed
// state was, as sums of hashes that no parallelism changes.

import type { RestorePlace } from '../../engine/checkpoint/restore-place.ts';
import type { EngineEvent } from '../../engine/runtime/observer.ts';
import { compareMultisets } from '../checkers/multiset.ts';
import { Cluster } from './cluster.ts';
import type { PairBackend } from './pair-backend.ts';
import { committedOutput, expectedOutput, pairJob } from './pair-job.ts';

/** Virtual time is not free; a savepoint has to be there before the job is through. */
const PACE = 3;
const PACE_OF_SLOW = 1.5;
const SLOW: readonly string[] = ['hdfs', 'druid'];
const CHECKPOINT_INTERVAL_MS = 400;
/** So that a savepoint has both: artefacts of their own, and some inside its metadata. */
const INLINE_BELOW_BYTES = 200;
/** Of the first job: enough for every operator to have state. */
const OUTPUT_BEFORE_STOP = 20;
export const FIRST_PARALLELISM = 2;

/** By operator: how many entries, and their hash. */
export type Digests = ReadonlyMap<string, string>;

export interface Stopped {
  readonly cluster: Cluster;
  /** Where the savepoint is, as its storage says. */
  readonly savepoint: string;
  /** What the savepoint holds. */
  readonly saved: Digests;
  /** Committed by then. */
  readonly committed: number;
  /** Held back by then, and not to be released before the second job. */
  readonly released: number;
}

/** Until the first job has ended with its savepoint. */
export async function stopWithSavepoint({
  open,
  before,
}: Pick<PairBackend, 'open' | 'before'>): Promise<Stopped> {
  const cluster = startPair(open, SLOW.includes(before) ? PACE_OF_SLOW : PACE);
  await cluster.until('output', () => cluster.output().length >= OUTPUT_BEFORE_STOP);
  const savepoint = await cluster.savepoint('suspend');
  await cluster.untilEnd();
  return {
    cluster,
    savepoint,
    saved: digestsOf(cluster.allEvents(), 'keyed-state-snapshotted'),
    committed: cluster.output().length,
    released: cluster.output('held').length,
  };
}

export interface GoneOn {
  readonly end: EngineEvent;
  /** Right after the restore. */
  readonly restored: Digests;
  /** In the last checkpoint. */
  readonly last: Digests;
  readonly difference: Difference;
}

/** Of both jobs, from what one that nothing stops would have committed. */
export interface Difference {
  readonly missing: readonly unknown[];
  readonly surplus: readonly unknown[];
}

export async function goOn(
  { cluster }: Pick<Stopped, 'cluster'>,
  { change }: Pick<PairBackend, 'change'>,
  from: RestorePlace,
  parallelism: number,
): Promise<GoneOn> {
  change();
  cluster.startFrom(from, parallelism);
  const end = await cluster.untilEnd();
  return { end, ...outcomeOf(cluster) };
}

/** What nothing has stopped, on the heap. */
export async function uninterrupted({ open }: Pick<PairBackend, 'open'>): Promise<GoneOn> {
  const cluster = startPair(open, PACE);
  const end = await cluster.untilEnd();
  return { end, ...outcomeOf(cluster) };
}

function startPair(open: PairBackend['open'], pace: number): Cluster {
  return Cluster.start({
    backend: open,
    parallelism: FIRST_PARALLELISM,
    job: (env, tools) => {
      env.enableCheckpointing(CHECKPOINT_INTERVAL_MS);
      env.getCheckpointConfig().setDataInlineThreshold(INLINE_BELOW_BYTES);
      pairJob(env, tools, { pace });
    },
  });
}

function outcomeOf(cluster: Cluster): Omit<GoneOn, 'end'> {
  const expected = expectedOutput();
  const committed = committedOutput((prefix) => cluster.output(prefix));
  const differences = (['seen', 'released', 'told'] as const).map((part) =>
    compareMultisets(expected[part], committed[part]),
  );
  return {
    restored: digestsOf(cluster.allEvents(), 'keyed-state-restored'),
    last: digestsOf(cluster.allEvents(), 'keyed-state-snapshotted'),
    difference: {
      missing: differences.flatMap(({ missing }) => missing),
      surplus: differences.flatMap(({ surplus }) => surplus),
    },
  };
}

/** Of the newest such event of each subtask; hashes of entries add up, as LogicalDigest says. */
function digestsOf(
  events: readonly EngineEvent[],
  kind: 'keyed-state-snapshotted' | 'keyed-state-restored',
): Digests {
  const newest = new Map<string, { readonly operator: string; readonly digest: string }>();
  for (const event of events) {
    if (event.kind !== kind) continue;
    const { operator, subtask, digest } = event;
    newest.set(`${operator}/${subtask}`, { operator, digest });
  }
  const sums = new Map<string, string>();
  for (const { operator, digest } of newest.values()) {
    sums.set(operator, addDigests(sums.get(operator) ?? '0:0000000000000000', digest));
  }
  return new Map([...sums].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function addDigests(left: string, right: string): string {
  const [leftCount = '', leftHash = ''] = left.split(':');
  const [rightCount = '', rightHash = ''] = right.split(':');
  const word = (start: number): string => {
    const sum = [leftHash, rightHash].reduce(
      (total, hash) => (total + Number.parseInt(hash.slice(start, start + 8), 16)) >>> 0,
      0,
    );
    return sum.toString(16).padStart(8, '0');
  };
  return `${Number(leftCount) + Number(rightCount)}:${word(0)}${word(8)}`;
}
