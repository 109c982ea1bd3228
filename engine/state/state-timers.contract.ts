// What timers do for their user, on every backend: order, deduplication, what a head is.

import type { DeclareCheck } from '../conformance/checks.ts';
import { keyGroupOf } from './key-groups.ts';
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
    t.is(queue.size, 4);
    t.is(queue.poll()?.timestamp, 1);
    t.is(queue.peek()?.timestamp, 3);
    t.false(queue.remove(timer('b', 1)));
    t.true(queue.remove(timer('b', 3)));
    t.is(queue.peek()?.timestamp, 42);
    t.is(queue.peek()?.key, 'a');
    t.is(queue.size, 2);
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
        for (let head = queue.poll(); head !== undefined; head = queue.poll()) {
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
