// Checkpoints in the simulated Druid when things go wrong: answers that are lost, tasks that fail,
// servers that crash, JobManagers that do not know that they were replaced.

import test, { type ExecutionContext } from 'ava';

import { DruidJob } from '../../engine/checkpoint/druid/testing/druid-job.ts';
import { OnceproofError } from '../../engine/core/errors.ts';
import { FileSystemError } from '../../engine/environment/filesystem.ts';
import { address } from '../../engine/environment/network.ts';
import type { StateHandle } from '../../engine/state/state-handle.ts';
import { DruidWorld, type DruidWorldOptions } from './druid-world.ts';

const BYTES = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 13) & 0xff);

type Ending = 'published' | 'not-published' | 'unknown';

/** Several checkpoints, one after the other; what each came to, and what there is to see of it. */
async function playOut(
  t: ExecutionContext,
  options: DruidWorldOptions,
  disturb: (world: DruidWorld) => void,
): Promise<{ readonly endings: readonly Ending[]; readonly digest: string }> {
  const druid = new DruidWorld(options);
  const job = new DruidJob(await druid.bench(), 'job', { druid: { taskBytes: 40_000 } });
  disturb(druid);
  const endings: Ending[] = [];
  const published = new Map<number, StateHandle>();
  for (let checkpoint = 1; checkpoint <= 4; checkpoint++) {
    const handle = await staged(job, checkpoint);
    if (handle === undefined) continue;
    const ending = await endingOf(job.publish(checkpoint, { keyed: [handle] }));
    endings.push(ending);
    if (ending === 'published') published.set(checkpoint, handle);
    if (ending === 'not-published') t.false((await job.checkpoints()).includes(checkpoint));
  }
  const listed = await job.checkpoints();
  for (const [checkpoint, handle] of published) {
    t.true(listed.includes(checkpoint), `${options.seed} lost checkpoint ${checkpoint}`);
    t.deepEqual(await job.read(handle), BYTES);
    const metadata = await job.readMetadata(`/job/chk-${checkpoint}`);
    t.deepEqual(metadata, job.metadata(checkpoint, { keyed: [handle] }));
  }
  return { endings, digest: druid.world.digest };
}

/** Undefined: given up, as a task declines a checkpoint. */
async function staged(job: DruidJob, checkpoint: number): Promise<StateHandle | undefined> {
  try {
    return await job.stage(checkpoint, BYTES);
  } catch (error) {
    if (error instanceof OnceproofError || error instanceof FileSystemError) return undefined;
    throw error;
  }
}

async function endingOf(publication: Promise<string>): Promise<Ending> {
  try {
    await publication;
    return 'published';
  } catch (error) {
    if (error instanceof FileSystemError) return 'unknown';
    if (error instanceof OnceproofError && error.code === 'OP-E507') return 'not-published';
    throw error;
  }
}

function seedsFrom(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => index.toString(16).padStart(16, letter));
}

test('lost answers and busy servers delay checkpoints and do nothing else', async (t) => {
  for (const seed of seedsFrom('a', 4)) {
    const { endings } = await playOut(t, { seed }, ({ faults, world }) => {
      faults.begin({ effect: 'lost', oneIn: 4, random: world.random.fork('lost') });
      faults.begin({ effect: 'unavailable', oneIn: 4, random: world.random.fork('busy') });
      faults.begin({ effect: 'throttled', oneIn: 5, random: world.random.fork('throttled') });
    });
    t.deepEqual(endings, ['published', 'published', 'published', 'published'], seed);
  }
});

test('tasks that fail, before or after they have published, leave no doubt', async (t) => {
  const all: Ending[] = [];
  for (const seed of seedsFrom('b', 12)) {
    all.push(...(await playOut(t, { seed, druid: { failOneIn: 3 } }, () => undefined)).endings);
  }
  t.true(all.filter((ending) => ending === 'published').length > 8, all.join());
  t.false(all.includes('unknown'));
});

test('a Druid that crashes keeps what it has said yes to', async (t) => {
  const all: Ending[] = [];
  for (const seed of seedsFrom('c', 10)) {
    const { endings } = await playOut(t, { seed }, ({ world, druid }) => {
      const dice = world.random.fork('crashes');
      for (let at = world.nowMs + 500; at < world.nowMs + 60_000; at += 1_000 + dice.below(3_000)) {
        world.at(at, 'crash', () => {
          world.crash(druid);
          world.at(world.nowMs + dice.below(900), 'restart', () => world.restart(druid));
        });
      }
    });
    all.push(...endings);
  }
  t.true(all.filter((ending) => ending === 'published').length > 8, all.join());
});

test('two runs of one seed are the same', async (t) => {
  const run = () => playOut(t, { seed: '00000000000000dd', druid: { failOneIn: 3 } }, disturbed);
  const disturbed = ({ faults, world }: DruidWorld): void => {
    faults.begin({ effect: 'lost', oneIn: 3, random: world.random });
  };
  t.deepEqual(await run(), await run());
});

test('a new JobManager waits for what the old one is still publishing', async (t) => {
  const druid = new DruidWorld({ druid: { work: { minMs: 5_000, maxMs: 9_000 } } });
  const old = new DruidJob(await druid.bench('jm-1'), 'job');
  void old.publishing(7);
  await druid.pass(2_000);
  druid.world.crash(address('jm-1'));
  const successor = new DruidJob(await druid.bench('jm-2'), 'job');
  t.deepEqual(await successor.checkpoints(), [7]);
  t.deepEqual(await successor.readMetadata('/job/chk-7'), successor.metadata(7));
});

test('a JobManager that was replaced cannot publish over its successor', async (t) => {
  const druid = new DruidWorld();
  const zombie = new DruidJob(await druid.bench('jm-1'), 'job');
  const handle = await zombie.stage(7, BYTES);
  druid.world.pause(address('jm-1'));
  const successor = new DruidJob(await druid.bench('jm-2'), 'job');
  await successor.publish(7, { timestampMs: 2 });
  await successor.publish(8, { timestampMs: 2 });
  druid.world.wake(address('jm-1'));
  await t.throwsAsync(zombie.publish(7, { keyed: [handle] }), { code: 'OP-E507' });
  await t.throwsAsync(zombie.publish(8), { code: 'OP-E507' });
  t.deepEqual(await successor.checkpoints(), [7, 8]);
  const metadata = successor.metadata(7, { timestampMs: 2 });
  t.deepEqual(await successor.readMetadata('/job/chk-7'), metadata);
});

test('a task that will not end is stopped before a new JobManager goes on', async (t) => {
  const druid = new DruidWorld({ druid: { work: { minMs: 500_000, maxMs: 500_000 } } });
  const options = { druid: { taskTimeoutMs: 10_000 } };
  const old = new DruidJob(await druid.bench('jm-1'), 'job', options);
  t.is(await endingOf(old.publish(7)), 'unknown');
  const successor = new DruidJob(await druid.bench('jm-2'), 'job', options);
  t.deepEqual(await successor.checkpoints(), []);
  await druid.pass(600_000);
  t.deepEqual(await successor.checkpoints(), []);
});

test('rows that nobody can query in time are no verdict on the checkpoint', async (t) => {
  const druid = new DruidWorld({ druid: { lag: { minMs: 60_000, maxMs: 60_000 } } });
  const bench = await druid.bench();
  const hasty = new DruidJob(bench, 'job', { druid: { visibilityTimeoutMs: 30_000 } });
  const pointer = await hasty.publish(1);
  const error = await t.throwsAsync(hasty.readMetadata(pointer), { code: 'EIO' });
  t.is(error?.cause instanceof OnceproofError ? error.cause.code : undefined, 'OP-E562');
  const patient = new DruidJob(bench, 'job', { druid: { visibilityTimeoutMs: 300_000 } });
  t.deepEqual(await patient.readMetadata(pointer), patient.metadata(1));
});

test('a discarded checkpoint may show for a while, and is listed no more', async (t) => {
  const druid = new DruidWorld({ druid: { lag: { minMs: 20_000, maxMs: 20_000 } } });
  const job = new DruidJob(await druid.bench(), 'job');
  await job.readMetadata(await job.publish(1));
  await job.discard(1);
  t.deepEqual(await job.checkpoints(), []);
  t.true((await job.rowCount()).length > 0);
  await druid.pass(60_000);
  t.deepEqual(await job.rowCount(), []);
});
