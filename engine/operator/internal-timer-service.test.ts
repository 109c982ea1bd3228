// Timers: once each, in order of time, the key set before anything is written, kept over restores.

import test from 'ava';

import { OnceproofError } from '../core/errors.ts';
import type { InternalTimer } from '../state/state-backend.ts';
import { MemoryStateBackend } from '../state/hash-map-state-backend.ts';
import { readMemoryHandle, MemoryStreams } from '../state/testing/memory-streams.ts';
import type { KeyedStateHandle } from '../state/state-handle.ts';
import type { KeyedStateBackend } from '../state/state-backend.ts';
import { checkpointId } from '../core/ids.ts';
import { NO_TIMESTAMP } from '../stream/elements.ts';
import { stringSerializer } from '../stream/serializers/primitive-serializers.ts';
import { InternalTimerService } from './internal-timer-service.ts';
import { ManualProcessingTime } from './testing/manual-processing-time.ts';

async function backend(restore: readonly KeyedStateHandle[] = []): Promise<KeyedStateBackend> {
  return new MemoryStateBackend().createKeyedStateBackend({
    operatorName: 'timers',
    maxParallelism: 128,
    range: { first: 0, last: 127 },
    now: () => 0,
    restore,
    read: readMemoryHandle,
  });
}

/** The heap has nothing to fetch. */
function unasked(): never {
  throw new Error('cannot wait for state');
}

function open(of: KeyedStateBackend, time = new ManualProcessingTime()) {
  const fired: string[] = [];
  const record = (domain: string) => (timer: InternalTimer<string>) => {
    fired.push(`${domain} ${of.currentKey}/${timer.namespace}@${timer.timestamp}`);
  };
  const timers = new InternalTimerService<string>({
    name: 'test',
    namespace: stringSerializer,
    backend: of,
    processingTime: time,
    whenPrepared: unasked,
    handler: { onEventTime: record('event'), onProcessingTime: record('processing') },
  });
  timers.start();
  return { timers, fired, time };
}

test('only the head of the processing-time timers has a physical timer', async (t) => {
  const state = await backend();
  const { timers, time } = open(state);
  state.setCurrentKey('key');
  for (const at of [10, 20, 30]) timers.registerProcessingTimeTimer('ciao', at);
  for (const at of [10, 20]) timers.registerProcessingTimeTimer('hello', at);
  t.is(timers.numProcessingTimeTimers(), 5);
  t.deepEqual(time.scheduledTimes, [10]);
  time.advanceTo(10);
  t.is(timers.numProcessingTimeTimers(), 3);
  t.deepEqual(time.scheduledTimes, [20]);
  time.advanceTo(20);
  t.is(timers.numProcessingTimeTimers(), 1);
  t.deepEqual(time.scheduledTimes, [30]);
  time.advanceTo(30);
  t.is(timers.numProcessingTimeTimers(), 0);
  t.deepEqual(time.scheduledTimes, []);
  timers.registerProcessingTimeTimer('ciao', 40);
  t.deepEqual(time.scheduledTimes, [40]);
});

test('an earlier registration replaces the physical timer', async (t) => {
  const state = await backend();
  const { timers, time } = open(state);
  state.setCurrentKey('key');
  timers.registerProcessingTimeTimer('n', 20);
  timers.registerProcessingTimeTimer('n', 10);
  t.deepEqual(time.scheduledTimes, [10]);
});

test('event-time timers fire once each, with the watermark, under their own key', async (t) => {
  const state = await backend();
  const { timers, fired } = open(state);
  for (const key of ['a', 'b']) {
    state.setCurrentKey(key);
    for (const namespace of ['ciao', 'hello', 'ciao']) timers.registerEventTimeTimer(namespace, 10);
  }
  timers.advanceWatermark(9);
  t.deepEqual(fired, []);
  timers.advanceWatermark(10);
  t.deepEqual([...fired].sort(), [
    'event a/ciao@10',
    'event a/hello@10',
    'event b/ciao@10',
    'event b/hello@10',
  ]);
  t.is(timers.numEventTimeTimers(), 0);
  timers.advanceWatermark(11);
  t.is(fired.length, 4);
});

test('a deleted timer does not fire, and its physical timer does no harm', async (t) => {
  const state = await backend();
  const { timers, fired, time } = open(state);
  state.setCurrentKey('a');
  timers.registerProcessingTimeTimer('n', 10);
  timers.registerProcessingTimeTimer('n', 20);
  timers.deleteProcessingTimeTimer('n', 10);
  timers.registerEventTimeTimer('n', 10);
  timers.deleteEventTimeTimer('n', 10);
  timers.advanceWatermark(100);
  time.advanceTo(19);
  t.deepEqual(fired, []);
  time.advanceTo(20);
  t.deepEqual(fired, ['processing a/n@20']);
});

test('a timer registered while others fire is fired by the same watermark', async (t) => {
  const state = await backend();
  const fired: number[] = [];
  const timers: InternalTimerService<string> = new InternalTimerService<string>({
    name: 'test',
    namespace: stringSerializer,
    backend: state,
    processingTime: new ManualProcessingTime(),
    whenPrepared: unasked,
    handler: {
      onEventTime: ({ timestamp }) => {
        fired.push(timestamp);
        if (timestamp < 3) timers.registerEventTimeTimer('n', timestamp + 1);
      },
      onProcessingTime: () => undefined,
    },
  });
  state.setCurrentKey('a');
  timers.registerEventTimeTimer('n', 1);
  timers.advanceWatermark(5);
  t.deepEqual(fired, [1, 2, 3]);
});

test('the key is set before the timer leaves the queue', async (t) => {
  const state = await backend();
  const keysAtPoll: unknown[] = [];
  const spied: unknown = Object.create(state, {
    timerQueue: {
      value: (name: string) => {
        const queue = state.timerQueue(name, stringSerializer);
        return {
          add: queue.add.bind(queue),
          remove: queue.remove.bind(queue),
          get earliest() {
            return queue.earliest;
          },
          peek: queue.peek.bind(queue),
          poll: () => {
            keysAtPoll.push(state.currentKey);
            return queue.poll();
          },
        };
      },
    },
    currentKey: { get: () => state.currentKey },
    setCurrentKey: { value: (key: unknown) => state.setCurrentKey(key) },
  });
  const { timers, time } = open(spied as KeyedStateBackend);
  state.setCurrentKey('a');
  timers.registerEventTimeTimer('n', 1);
  state.setCurrentKey('b');
  timers.registerProcessingTimeTimer('n', 1);
  timers.advanceWatermark(1);
  time.advanceTo(1);
  t.deepEqual(keysAtPoll, ['a', 'b']);
});

test('timers survive a restore, the watermark does not; overdue ones fire soon', async (t) => {
  const before = await backend();
  const first = open(before);
  before.setCurrentKey('a');
  first.timers.registerEventTimeTimer('n', 10);
  first.timers.registerProcessingTimeTimer('n', 10);
  first.timers.advanceWatermark(5);
  const handle = await before.snapshot(checkpointId(1), new MemoryStreams());
  const after = await backend(handle === undefined ? [] : [handle]);
  const time = new ManualProcessingTime();
  time.advanceTo(1000);
  const second = open(after, time);
  t.is(second.timers.currentWatermark(), NO_TIMESTAMP);
  t.deepEqual(second.fired, []);
  time.advanceTo(1000);
  t.deepEqual(second.fired, ['processing a/n@10']);
  second.timers.advanceWatermark(10);
  t.deepEqual(second.fired, ['processing a/n@10', 'event a/n@10']);
});

test('nothing fires once the service is stopped', async (t) => {
  const state = await backend();
  const { timers, fired, time } = open(state);
  state.setCurrentKey('a');
  timers.registerProcessingTimeTimer('n', 10);
  timers.stop();
  time.advanceTo(10);
  t.deepEqual(fired, []);
  t.is(timers.numProcessingTimeTimers(), 1);
});

test('a timer at no integer time is OP-E211', async (t) => {
  const state = await backend();
  const { timers } = open(state);
  state.setCurrentKey('a');
  const error = t.throws(() => timers.registerEventTimeTimer('n', Number.NaN), {
    instanceOf: OnceproofError,
  });
  t.is(error?.code, 'OP-E211');
});
