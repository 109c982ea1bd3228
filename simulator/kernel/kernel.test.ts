// What a kernel promises: total order, exact quiescence, named endings, and no life after death.

import { setImmediate as hop } from 'node:timers/promises';
import test from 'ava';
import { InvariantViolation } from '../../engine/core/assert.ts';
import { KernelEvent, type Owner } from './event.ts';
import { Kernel, type KernelOptions } from './kernel.ts';
import { macrotask } from './macrotask.ts';
import { describeOutcome } from './outcome.ts';

function owner(name = 'tm-1', index = 1): Owner {
  return { index, name, isHost: true, isAlive: true, isPaused: false, held: [] };
}

function kernelOf(options: Partial<KernelOptions> = {}): Kernel {
  return new Kernel({ drain: macrotask, ...options });
}

function at(kernel: Kernel, delayMs: number, host: Owner, run: () => void): KernelEvent {
  return kernel.enqueue(delayMs, new KernelEvent(host, 'timer', 'timer', run));
}

const never = { until: () => false, deadlineMs: 1_000_000 };

test('events run by time, and at equal times in the order in which they were queued', async (t) => {
  const kernel = kernelOf();
  const host = owner();
  const seen: string[] = [];
  at(kernel, 5, host, () => seen.push('late'));
  at(kernel, 3, host, () => {
    seen.push('first');
    at(kernel, 0, host, () => seen.push('third'));
  });
  at(kernel, 3, host, () => seen.push('second'));
  await kernel.run(never);
  t.deepEqual(seen, ['first', 'second', 'third', 'late']);
});

test('an empty queue with an unmet goal is a deadlock that names who waits for what', async (t) => {
  const kernel = kernelOf();
  const host = owner();
  at(kernel, 1, host, () => void kernel.perform(host, 'read /a', 10, () => 1));
  at(kernel, 2, host, () => {
    host.isPaused = true;
  });
  const outcome = await kernel.run(never);
  t.like(outcome, { kind: 'deadlock', timeMs: 2, steps: 2 });
  t.deepEqual(kernel.parked(), [{ host: 'tm-1', label: 'read /a (paused)', sinceMs: 1 }]);
  t.regex(describeOutcome(outcome), /deadlock.*tm-1 waits for read \/a \(paused\)/);
});

test('a run ends at its deadline, at its step budget, and at its goal', async (t) => {
  const kernel = kernelOf({ maxSteps: 50 });
  const host = owner();
  const tick = () => {
    at(kernel, 10, host, tick);
  };
  at(kernel, 10, host, tick);
  const late = await kernel.run({ until: () => false, deadlineMs: 45 });
  t.like(late, { kind: 'out-of-time', timeMs: 45, steps: 4 });
  t.like(await kernel.run({ until: () => kernel.step === 6, deadlineMs: 900 }), {
    kind: 'reached',
    timeMs: 60,
  });
  const spent = await kernel.run(never);
  t.like(spent, { kind: 'out-of-steps', steps: 50 });
  t.regex(describeOutcome(late), /out-of-time.*nobody/);
});

test('continuations of any length run before the next event', async (t) => {
  const kernel = kernelOf();
  const host = owner();
  const seen: string[] = [];
  const work = async () => {
    await kernel.perform(host, 'read', 5, () => 1);
    for (let depth = 0; depth < 50; depth += 1) await Promise.resolve();
    seen.push('continued');
  };
  at(kernel, 0, host, () => void work());
  at(kernel, 5, host, () => seen.push('io done'));
  at(kernel, 6, host, () => seen.push('next event'));
  at(kernel, 5, host, () => seen.push('same time'));
  await kernel.run(never);
  // The promise settles in an event of its own, queued behind those that were asked for before it.
  t.deepEqual(seen, ['io done', 'same time', 'continued', 'next event']);
});

test('continuations of other promises still run before a deadlock is declared', async (t) => {
  const kernel = kernelOf();
  const host = owner();
  let isDone = false;
  const work = async () => {
    await Promise.resolve();
    at(kernel, 1, host, () => {
      isDone = true;
    });
  };
  at(kernel, 1, host, () => void work());
  t.like(await kernel.run({ until: () => isDone, deadlineMs: 10 }), { kind: 'reached' });
});

test('steps without promises do not leave the synchronous loop', async (t) => {
  let drains = 0;
  const kernel = kernelOf({
    drain: async (onDrained) => {
      drains += 1;
      await macrotask(onDrained);
    },
  });
  const host = owner();
  let ticks = 0;
  const tick = () => {
    ticks += 1;
    at(kernel, 1, host, tick);
  };
  at(kernel, 1, host, tick);
  await kernel.run({ until: () => ticks === 10_000, deadlineMs: 1_000_000 });
  // One before the first step, one to begin, one before the ending.
  t.is(drains, 3);
});

test('work that throws rejects, in an event of its owner', async (t) => {
  const kernel = kernelOf();
  const host = owner();
  let caught: unknown;
  const work = async () => {
    try {
      await kernel.perform(host, 'read', 3, () => {
        throw new TypeError('bad disk');
      });
    } catch (error) {
      caught = error;
    }
  };
  at(kernel, 0, host, () => void work());
  await kernel.run(never);
  t.true(caught instanceof TypeError);
});

test('after a kill no event runs and no promise settles, even where it is due', async (t) => {
  const kernel = kernelOf();
  const [host, other] = [owner('tm-1', 1), owner('tm-2', 2)];
  const seen: string[] = [];
  const work = async () => {
    await kernel.perform(host, 'read', 5, () => 1);
    seen.push('zombie');
  };
  at(kernel, 0, host, () => void work());
  at(kernel, 5, other, () => kernel.kill(host));
  at(kernel, 5, host, () => seen.push('timer'));
  const outcome = await kernel.run(never);
  t.deepEqual(seen, []);
  t.like(outcome, { kind: 'deadlock', parked: [] });
});

test('a paused owner gets its events on wake, in order, but for those cancelled', async (t) => {
  const kernel = kernelOf();
  const [host, other] = [owner('tm-1', 1), owner('tm-2', 2)];
  const seen: string[] = [];
  at(kernel, 1, other, () => {
    host.isPaused = true;
  });
  at(kernel, 2, host, () => seen.push(`two at ${kernel.nowMs}`));
  const cancelled = at(kernel, 3, host, () => seen.push('cancelled'));
  at(kernel, 4, host, () => seen.push(`four at ${kernel.nowMs}`));
  at(kernel, 8, other, () => kernel.cancel(cancelled));
  at(kernel, 9, other, () => kernel.wake(host));
  at(kernel, 12, host, () => seen.push(`twelve at ${kernel.nowMs}`));
  await kernel.run(never);
  t.deepEqual(seen, ['two at 9', 'four at 9', 'twelve at 12']);
});

test('an error out of an event ends the run and names host, step and event', async (t) => {
  const kernel = kernelOf();
  at(kernel, 7, owner(), () => {
    throw new RangeError('boom');
  });
  const outcome = await kernel.run(never);
  t.like(outcome, {
    kind: 'host-threw',
    failure: { host: 'tm-1', step: 1, timeMs: 7, label: 'timer' },
  });
  t.regex(describeOutcome(outcome), /Host "tm-1" threw at step 1 \(timer\): RangeError: boom/);
});

test('an error may be overruled by the world, which then goes on', async (t) => {
  const errors: unknown[] = [];
  const kernel = kernelOf({
    onHostError: ({ error }) => {
      errors.push(error);
      return 'continue';
    },
  });
  at(kernel, 1, owner(), () => {
    throw new RangeError('boom');
  });
  t.like(await kernel.run(never), { kind: 'deadlock' });
  t.is(errors.length, 1);
});

test('a broken invariant cannot be overruled', async (t) => {
  const kernel = kernelOf({ onHostError: () => 'continue' });
  at(kernel, 1, owner(), () => {
    throw new InvariantViolation('Cannot go on: state is lost');
  });
  t.like(await kernel.run(never), { kind: 'host-threw' });
});

test('an error reported during a drain is blamed on the step that is being drained', async (t) => {
  const kernel = kernelOf();
  const host = owner();
  const work = async () => {
    await kernel.perform(host, 'write /b', 4, () => 1);
    kernel.fail(new Error('unhandled'));
  };
  at(kernel, 0, host, () => void work());
  const outcome = await kernel.run(never);
  t.like(outcome, { kind: 'host-threw', failure: { host: 'tm-1', label: 'write /b', step: 2 } });
});

test('the scope is open for code of hosts only, and shut before the process goes on', async (t) => {
  let isInside = false;
  const seen: string[] = [];
  const scope = {
    enter: () => {
      isInside = true;
    },
    leave: () => {
      isInside = false;
    },
    unguarded: <T>(work: () => T): T => {
      const wasInside = isInside;
      isInside = false;
      const result = work();
      isInside = wasInside;
      return result;
    },
    takeViolation: () => undefined,
  };
  const kernel = kernelOf({ scope });
  const host = owner();
  const world = { ...owner('world', 0), isHost: false };
  const look = (what: string) => seen.push(`${what} ${isInside ? 'inside' : 'outside'}`);
  const work = async () => {
    await kernel.perform(host, 'read', 2, () => look('disk'));
    await Promise.resolve();
    look('continuation');
    void hop().then(() => look('other code of the process'));
  };
  at(kernel, 0, host, () => void work());
  at(kernel, 1, host, () => look('timer'));
  at(kernel, 1, world, () => look('harness'));
  await kernel.run(never);
  await hop();
  t.deepEqual(seen, [
    'timer inside',
    'harness outside',
    'disk outside',
    'continuation inside',
    'other code of the process outside',
  ]);
});

test('a forbidden use that the host swallowed ends the run all the same', async (t) => {
  let violation: unknown = new Error('forbidden');
  const scope = {
    enter: () => undefined,
    leave: () => undefined,
    unguarded: <T>(work: () => T): T => work(),
    takeViolation: () => {
      const taken = violation;
      violation = undefined;
      return taken;
    },
  };
  const kernel = kernelOf({ scope });
  at(kernel, 3, owner(), () => undefined);
  const outcome = await kernel.run(never);
  t.is(outcome.kind, 'host-threw');
});
