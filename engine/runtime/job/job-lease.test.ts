// Of two processes one runs the job: whoever comes second is refused while the first is alive,
// takes over once it is gone, and from then on the first can publish nothing.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';

import { OnceproofError } from '../../core/errors.ts';
import type { Clock } from '../../environment/clock.ts';
import { NodeClock } from '../../environment/node/node-clock.ts';
import { NodeFileSystem } from '../../environment/node/node-filesystem.ts';
import { JobLease, type LeaseOwner } from './job-lease.ts';

type State = ReturnType<LeaseOwner['stateOf']>;

async function directoryOf(t: ExecutionContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'onceproof-lease-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  return root;
}

interface Machine {
  readonly acquire: (id: string, knows: State) => Promise<JobLease>;
  readonly filesystem: NodeFileSystem;
}

function machine(root: string, clock: Clock = new NodeClock()): Machine {
  const filesystem = new NodeFileSystem(root);
  return {
    filesystem,
    acquire: (id, knows) =>
      JobLease.acquire({
        filesystem,
        clock,
        directory: '/jobs/j',
        owner: { id, stateOf: () => knows },
        jobName: 'j',
      }),
  };
}

/** Time flies. */
class EagerClock implements Clock {
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  wallTime(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, wake: () => void): { cancel(): void } {
    const immediate = setImmediate(() => {
      this.#nowMs += delayMs;
      wake();
    });
    return { cancel: () => clearImmediate(immediate) };
  }
}

test('while the holder is known to live, another is refused with its name', async (t) => {
  const { acquire } = machine(await directoryOf(t));
  await acquire('first', 'alive');
  const error = await t.throwsAsync(acquire('second', 'alive'), { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E606');
  t.regex(error?.message ?? '', /"j" is running already, in first/);
  t.is(error?.place, '/jobs/j');
});

test('a holder known to be dead is followed at once, and can publish no more', async (t) => {
  const { acquire, filesystem } = machine(await directoryOf(t));
  const first = await acquire('first', 'unknown');
  const second = await acquire('second', 'dead');
  await t.throwsAsync(first.check(), { instanceOf: OnceproofError, code: 'OP-E607' });
  await filesystem.write('/pending', Uint8Array.of(1));
  const guarded = first.guard(filesystem);
  await t.throwsAsync(guarded.rename('/pending', '/finished'), { code: 'OP-E607' });
  t.is(await filesystem.status('/finished'), undefined);
  await second.guard(filesystem).rename('/pending', '/finished');
  t.truthy(await filesystem.status('/finished'));
});

test('a holder that nobody can ask is followed once its lease stands still', async (t) => {
  const { acquire } = machine(await directoryOf(t), new EagerClock());
  const first = await acquire('first', 'unknown');
  const second = await acquire('second', 'unknown');
  await t.notThrowsAsync(second.check());
  await t.throwsAsync(first.check(), { code: 'OP-E607' });
});

test('a holder that nobody can ask, but that renews its lease, is not followed', async (t) => {
  const { acquire } = machine(await directoryOf(t));
  const first = await acquire('first', 'unknown');
  first.keep(() => t.fail('it was lost'));
  await t.throwsAsync(acquire('second', 'unknown'), { code: 'OP-E606' });
  await t.notThrowsAsync(first.check());
  await first.release();
});

test('a holder that has lost its lease is told', async (t) => {
  const { acquire } = machine(await directoryOf(t), new EagerClock());
  const first = await acquire('first', 'unknown');
  const second = await acquire('second', 'dead');
  const error = await new Promise<OnceproofError>((resolve) => first.keep(resolve));
  t.is(error.code, 'OP-E607');
  await second.release();
});

test('after a release the next one need not wait, and numbers go on', async (t) => {
  const { acquire, filesystem } = machine(await directoryOf(t));
  await (await acquire('first', 'alive')).release();
  await (await acquire('second', 'alive')).release();
  await acquire('third', 'alive');
  t.deepEqual(await filesystem.list('/jobs/j'), ['lease-3']);
});

test('of many that ask at once, one gets the lease', async (t) => {
  const { acquire } = machine(await directoryOf(t));
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => acquire(`process ${index}`, 'alive')),
  );
  const won = results.filter(({ status }) => status === 'fulfilled');
  t.is(won.length, 1);
  for (const result of results) {
    if (result.status === 'rejected') t.is((result.reason as OnceproofError).code, 'OP-E606');
  }
});
