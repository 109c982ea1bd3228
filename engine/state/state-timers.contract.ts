// What timers do for their user, on every backend: order, deduplication, what a head is.

import type { DeclareCheck } from '../conformance/checks.ts';
import { keyGroupOf } from './key-groups.ts';
import { takeTimers } from './testing/take-timers.ts';
import type { CreateBackend } from './testing/state-world.ts';
import { StateWorld, VOID } from './testing/state-world.ts';
import { longSerializer } from '../stream/serializers/primitive-serializers.ts';

export function stateTimersContract(test: DeclareCheck, name: string, create: CreateBackend): void {
  test(`${name}: timers are ordered, deduplicated, and a new head is told`, async (t) => {
    const backend = await new StateWorld(create).open();
    const queue = backend.timerQueue<'void'>('timers', VOID);
    const timer = (key: string, timestamp: number) => ({
      key,
      timestamp,
      namespace: 'void' as const,
    });
    const added = [timer('a', 44), timer('b', 1), timer('b', 1), timer('b', 3), timer('a', 42)];
    t.deepEqual(
      added.map((each) => queue.add(each)),
      [true, true, false, false, false],
    );
    if (queue.size !== undefined) t.is(queue.size, 4);
    const [first] = await takeTimers(backend, 'timers', queue, 1);
    t.is(first?.timestamp, 1);
    await backend.prepareTimers?.('timers', 100);
    t.is(queue.earliest, 3);
    t.is(queue.peek()?.timestamp, 3);
    t.false(queue.remove(timer('b', 1)));
    t.true(queue.remove(timer('b', 3)));
    const rest = await takeTimers(backend, 'timers', queue, 100);
    t.deepEqual(
      rest.map(({ key, timestamp }) => `${String(key)}@${timestamp}`),
      ['a@42', 'a@44'],
    );
    t.is(queue.earliest, undefined);
  });

  test(`${name}: many timers fire in order, whatever became of them before`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    const queue = backend.timerQueue<number>('t', longSerializer);
    const key = 'the only one';
    const at = (timestamp: number) => ({ key, timestamp, namespace: timestamp % 3 });
    const times = Array.from({ length: 400 }, (_, index) => ((index * 379) % 400) - 150);
    for (const time of times) queue.add(at(time));
    for (const time of times) if (time % 5 === 0) queue.remove(at(time));
    for (const time of times) if (time % 10 === 0) queue.add(at(time));
    const expected = times.filter((time) => time % 5 !== 0 || time % 10 === 0);
    expected.sort((left, right) => left - right);
    const fired = (await takeTimers(backend, 't', queue, -3)).map(({ timestamp }) => timestamp);
    t.deepEqual(
      fired,
      expected.filter((time) => time <= -3),
    );
    const [again] = await world.openAll({ restore: await world.snapshot(backend) });
    for (const each of [backend, again]) {
      if (each === undefined) return t.is(each, backend);
      const rest = await takeTimers(each, 't', each.timerQueue<number>('t', longSerializer));
      t.deepEqual(
        rest.map(({ timestamp }) => timestamp),
        expected.filter((time) => time > -3),
      );
      t.is(each.logicalDigest(), (await world.open()).logicalDigest(), 'nothing is left');
    }
    return undefined;
  });

  test(`${name}: timers survive a rescale with their keys, once each`, async (t) => {
    const world = new StateWorld(create);
    const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`);
    const [backend] = await world.openAll();
    for (const key of keys) {
      for (const namespace of [1, 2]) {
        const queue = backend?.timerQueue<number>('t', longSerializer);
        queue?.add({ key, timestamp: key.length * 10 + namespace, namespace });
        queue?.add({ key, timestamp: -5, namespace });
      }
    }
    const handles = backend === undefined ? [] : await world.snapshot(backend);
    const subtasks = await world.openAll({ parallelism: 3, restore: handles });
    const back = await world.openAll({
      parallelism: 1,
      restore: await world.snapshot(...subtasks),
    });
    for (const restored of [subtasks, back]) {
      const polled: string[] = [];
      for (const subtask of restored) {
        const queue = subtask.timerQueue<number>('t', longSerializer);
        let before = Number.NEGATIVE_INFINITY;
        for (const head of await takeTimers(subtask, 't', queue)) {
          t.true(head.timestamp >= before);
          before = head.timestamp;
          const group = keyGroupOf(head.key, world.maxParallelism);
          t.true(group >= subtask.range.first && group <= subtask.range.last);
          polled.push(`${String(head.key)}@${head.timestamp}#${head.namespace}`);
        }
      }
      t.is(polled.length, 200);
      t.is(new Set(polled).size, 200);
    }
  });
}
