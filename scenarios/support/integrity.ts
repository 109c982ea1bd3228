// What an engine has to do about damage at rest, made executable: a job whose newest checkpoint is
// damaged while all hosts are down either refuses to go on and names the artefact, or goes on from
// an older checkpoint because the user has allowed that, or from another copy, losing nothing.

import { assert } from '../../engine/core/assert.ts';
import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { Artefacts } from '../cluster/backends/backend-profile.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';
import { type Changes, storedMetadata, type StoredMetadata } from './damage.ts';
import { type Counted, countPerKey, numbers, wrongCount } from './jobs.ts';

const COUNT = 120;
const RETAINED = 3;

/** What is stored, as it lies and as it is meant: they differ where it is encrypted. */
export interface Stored {
  readonly raw: Artefacts;
  readonly readable: Artefacts;
}

export interface Struck {
  readonly backend: NonNullable<ClusterOptions['backend']>;
  /** Exclusive state from this size on is a file. */
  readonly inlineBelowBytes: number;
  /** Slow enough that the job lasts for some checkpoints. */
  readonly recordsPerSecond: number;
  readonly strike: (stored: Stored) => Changes;
  /** Where it is encrypted: what is in it. */
  readonly reveal?: (path: string, bytes: Uint8Array) => Promise<Uint8Array>;
  readonly allowFallback?: boolean;
}

export interface Aftermath {
  readonly end: EngineEvent;
  /** What is not as it was. */
  readonly damaged: readonly string[];
  /** Complete when the damage was done, the newest first. */
  readonly stored: readonly StoredMetadata[];
  /** Undefined if nothing was restored after the damage. */
  readonly restored: number | undefined;
  readonly output: readonly Counted[];
  readonly cluster: Cluster;
}

/** Runs the job, damages it while it is down, and lets it go on to its end. */
export async function strikeWhileDown(options: Struck): Promise<Aftermath> {
  const { backend, allowFallback = false, inlineBelowBytes, recordsPerSecond, strike } = options;
  const cluster = Cluster.start({
    backend,
    allowFallback,
    job: (env, tools) => {
      env.setMaxParallelism(8);
      env
        .getCheckpointConfig()
        .setRetainedCheckpoints(RETAINED)
        .setDataInlineThreshold(inlineBelowBytes);
      countPerKey(numbers(env, { count: COUNT, recordsPerSecond })).sinkTo(tools.sink());
    },
  });
  await cluster.untilCheckpoint(RETAINED + 1);
  const before = cluster.events('job-restoring').length;
  let damaged: readonly string[] = [];
  let stored: readonly StoredMetadata[] = [];
  await cluster.losePower(async () => {
    const raw = await cluster.artefacts();
    const readable = await revealed(raw, options.reveal);
    stored = storedMetadata(readable);
    const changes = strike({ raw, readable });
    damaged = [...changes.keys()];
    await cluster.changeArtefacts(changes);
  });
  assert(damaged.length > 0, 'Cannot tell what was damaged');
  const end = await cluster.untilEnd();
  const restored = cluster.events('job-restoring')[before]?.checkpoint;
  return { end, damaged, stored, restored, output: cluster.output<Counted>(), cluster };
}

/** Undefined if the job stopped, said why, and has put out nothing twice. */
export function wrongRefusal({ end, damaged, restored, output }: Aftermath): string | undefined {
  if (restored !== undefined) return `It was restored from checkpoint ${restored}`;
  if (end.kind !== 'job-failed') return `It ended with ${end.kind}`;
  if (end.code !== 'OP-E505') return `It failed with ${end.code ?? 'no code'}: ${end.cause}`;
  const isNamed = damaged.some((path) => end.cause.includes(path));
  if (!isNamed) return `None of ${damaged.join(', ')} is named in: ${end.cause}`;
  const ids = new Set(output.map(({ id }) => id));
  return ids.size === output.length ? undefined : 'Something was put out twice';
}

/**
 * Undefined if the job went on from the newest whole checkpoint, and lost nothing; with none left
 * it has to stop.
 */
export function wrongFallback(after: Aftermath): string | undefined {
  const { end, damaged, stored, restored, output } = after;
  const whole = stored.find(({ needs }) => !needs.some((path) => damaged.includes(path)));
  if (whole === undefined) return wrongRefusal(after);
  const expected = whole.checkpoint;
  if (restored !== expected) return `It was restored from ${restored}, not from ${expected}`;
  if (end.kind !== 'job-finished') return `It ended with ${end.kind}`;
  const ids = new Set(output.map(({ id }) => id));
  return ids.size === COUNT ? undefined : `${COUNT - ids.size} records were lost`;
}

/** Undefined if nobody could tell from what it put out that there was any damage. */
export function wrongSurvival({ end, stored, restored, output }: Aftermath): string | undefined {
  const newest = stored[0]?.checkpoint;
  if (restored !== newest) return `It was restored from ${restored}, not from ${newest}`;
  if (end.kind !== 'job-finished') return `It ended with ${end.kind}`;
  return wrongCount(output, COUNT);
}

async function revealed(raw: Artefacts, reveal: Struck['reveal']): Promise<Artefacts> {
  if (reveal === undefined) return raw;
  const readable = new Map<string, Uint8Array>();
  for (const [path, bytes] of raw) readable.set(path, await reveal(path, bytes));
  return readable;
}
