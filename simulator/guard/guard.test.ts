// The guard as a whole: what it lets pass, that it is complete, and that it works within a world.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { address } from '../../engine/environment/network.ts';
import { OnceproofError } from '../../engine/core/errors.ts';
import type { Environment } from '../../engine/environment/environment.ts';
import type { HostIo } from '../disk-port.ts';
import { macrotask } from '../kernel/macrotask.ts';
import type { Outcome } from '../kernel/outcome.ts';
import { World } from '../world.ts';
import { type AmbientGuard, installGuard } from './guard.ts';

type Boot = (environment: Environment, io: HostIo) => void;

async function runGuarded(boot: Boot): Promise<Outcome> {
  const guard = installGuard();
  const world = new World({ seed: '00000000000000f1', drain: macrotask, scope: guard });
  world.addHost(address('tm-1'), { boot });
  const outcome = await world.run({ until: () => false, deadlineMs: 1_000 });
  guard.restore();
  return outcome;
}

function placeOf(outcome: Outcome): string {
  const error = outcome.kind === 'host-threw' ? outcome.failure.error : undefined;
  return error instanceof OnceproofError ? `${error.code} ${error.place}` : String(error);
}

function withGuard(use: (guard: AmbientGuard) => void): void {
  const guard = installGuard();
  try {
    use(guard);
  } finally {
    guard.leave();
    guard.restore();
  }
}

test.serial('outside of steps everything works as ever', (t) => {
  withGuard((guard) => {
    t.true(new Date() instanceof Date);
    t.true(Date.now() > 0 && performance.now() > 0 && process.hrtime.bigint() > 0n);
    t.is(typeof Date(), 'string');
    t.true(readFileSync(import.meta.filename, 'utf8').length > 0);
    t.is(
      process.env['PATH'],
      guard.unguarded(() => process.env['PATH']),
    );
    t.is(['b', 'a'].sort((one, other) => one.localeCompare(other))[0], 'a');
    t.is(guard.takeViolation(), undefined);
  });
});

test.serial('inside of steps a date with a value is a plain value', (t) => {
  withGuard((guard) => {
    guard.enter();
    const text = new Date(86_400_000).toISOString();
    const parsed = new Date('2020-01-01T00:00:00Z').getTime();
    const fromParts = Date.UTC(2020, 0, 1);
    guard.leave();
    t.deepEqual([text, parsed], ['1970-01-02T00:00:00.000Z', fromParts]);
  });
});

test.serial('unguarded() lets the simulator work inside of a step, then guards again', (t) => {
  withGuard((guard) => {
    guard.enter();
    const now = guard.unguarded(() => Date.now());
    t.throws(() => Date.now(), { message: /Date\.now/ });
    t.throws(() =>
      guard.unguarded(() => {
        throw new Error('from work');
      }),
    );
    t.throws(() => Date.now(), { message: /Date\.now/ });
    guard.leave();
    t.true(now > 0);
  });
});

test.serial('restore() puts back the very same functions and accessors', (t) => {
  const accessor: unknown = Object.getOwnPropertyDescriptor(Event.prototype, 'timeStamp');
  const pick = (): readonly unknown[] => [
    Date,
    Date.now,
    Math.random,
    setTimeout,
    process.hrtime,
    readFileSync,
    Object.getOwnPropertyDescriptor(process, 'env')?.value,
    WeakRef,
  ];
  const before = pick();
  const guard = installGuard();
  t.notDeepEqual(Object.getOwnPropertyDescriptor(Event.prototype, 'timeStamp'), accessor);
  pick().forEach((value, index) => {
    t.not(value, before[index], String(index));
  });
  guard.restore();
  pick().forEach((value, index) => {
    t.is(value, before[index]);
  });
  t.deepEqual(Object.getOwnPropertyDescriptor(Event.prototype, 'timeStamp'), accessor);
});

test.serial('every source of the list exists here, and has a fixture', (t) => {
  const guard = installGuard();
  guard.restore();
  const fixtures = ['trapped-time', 'trapped-machine']
    .map((name) => readFileSync(new URL(`${name}.test.ts`, import.meta.url), 'utf8'))
    .join('\n');
  const wholeModules =
    /^node:(fs|net|tls|dgram|http|https|http2|dns|child_process|worker_threads|cluster|os)[./]/;
  const missing = guard.sources.filter(
    (source) => !fixtures.includes(`['${source}',`) && !wholeModules.test(source),
  );
  t.deepEqual(missing, []);
  t.true(guard.sources.length > 300, String(guard.sources.length));
});

test.serial('a host that reads the date is stopped, with the place', async (t) => {
  const outcome = await runGuarded(({ clock }) => {
    clock.schedule(5, () => Date.now());
  });
  t.regex(placeOf(outcome), /^OP-E210 .*\/guard\.test\.ts:\d+$/);
  t.like(outcome, { timeMs: 5, steps: 2 });
});

test.serial('a continuation that does so, and swallows the error, is stopped too', async (t) => {
  const outcome = await runGuarded((_, io) => {
    const work = async () => {
      await io.perform('read', 7, () => Date.now());
      await Promise.resolve();
      try {
        Math.random();
      } catch {
        // A host may well catch all errors of user code.
      }
    };
    void work();
  });
  t.regex(placeOf(outcome), /^OP-E210 .*\/guard\.test\.ts:\d+$/);
  t.like(outcome, { timeMs: 7, failure: { label: 'read' } });
});

test.serial('the harness, disks and services may use anything', async (t) => {
  const guard = installGuard();
  const world = new World({ seed: '00000000000000f2', drain: macrotask, scope: guard });
  const seen: number[] = [];
  const disk = {
    mount: () => {
      seen.push(Date.now());
      return {} as Environment['filesystem'];
    },
    crash: () => seen.push(Date.now()),
  };
  world.addHost(address('tm-1'), {
    disk,
    boot: (_, io) => void io.perform('read', 5, () => seen.push(Date.now())),
  });
  world.at(10, 'crash', () => {
    world.crash(address('tm-1'));
    seen.push(Date.now());
  });
  t.is((await world.run({ until: () => false, deadlineMs: 20 })).kind, 'deadlock');
  guard.restore();
  t.is(seen.length, 4);
});
