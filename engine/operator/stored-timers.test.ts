// The timer service over timers that have to be fetched: it fires them piece by piece, in order,
// wakes when the first of them may be due, and fires what its own timers add.

import test from 'ava';

import type { KeyedStateBackend } from '../state/state-backend.ts';
import { RocksDBWorld } from '../state/testing/rocksdb-world.ts';
import { stringSerializer } from '../stream/serializers/primitive-serializers.ts';
import { InternalTimerService } from './internal-timer-service.ts';
import { ManualProcessingTime } from './testing/manual-processing-time.ts';

const TIMERS = Array.from({ length: 40 }, (_, index) => index);

class Stage {
  readonly world = new RocksDBWorld({
    incremental: true,
    cacheBytes: 0,
    timerService: 'rocksdb',
    timerCacheSize: 4,
  });
  readonly time = new ManualProcessingTime();
  readonly fired: string[] = [];
  /** Runs once its state is there. */
  #pending: (() => Promise<void>)[] = [];

  open(
    backend: KeyedStateBackend,
    onTimer: (timestamp: number) => void = () => undefined,
  ): InternalTimerService<string> {
    const fire = (domain: string) => (timer: { readonly timestamp: number }) => {
      this.fired.push(`${domain} ${String(backend.currentKey)}@${timer.timestamp}`);
      onTimer(timer.timestamp);
    };
    const timers = new InternalTimerService<string>({
      name: 'test',
      namespace: stringSerializer,
      backend,
      processingTime: this.time,
      whenPrepared: (pending, run) => this.#pending.push(async () => pending.then(run)),
      handler: { onEventTime: fire('event'), onProcessingTime: fire('processing') },
    });
    timers.start();
    return timers;
  }

  /** Time goes on by itself, as it does not while a test has it in hand. */
  async passTo(now: number): Promise<number> {
    let waits = 0;
    for (let more = -1; more !== 0; waits += more) {
      this.time.advanceTo(now);
      more = await this.settle();
    }
    return waits;
  }

  /** How often something had to be waited for. */
  async settle(): Promise<number> {
    let count = 0;
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      await next();
      count++;
    }
    return count;
  }
}

async function advance(timers: InternalTimerService<string>, watermark: number): Promise<number> {
  let waits = 0;
  let pending = timers.prepareWatermark(watermark);
  while (pending !== undefined) {
    waits++;
    await pending;
    pending = timers.firePrepared(watermark) ? undefined : timers.prepareWatermark(watermark);
  }
  timers.advanceWatermark(watermark);
  return waits;
}

async function register(
  backend: KeyedStateBackend,
  set: (timestamp: number) => void,
): Promise<void> {
  for (const timestamp of TIMERS.toReversed()) {
    await backend.prepare?.([`key-${timestamp}`]);
    backend.setCurrentKey(`key-${timestamp}`);
    set(timestamp);
  }
}

const expected = (domain: string, until: number) =>
  TIMERS.filter((time) => time <= until).map((time) => `${domain} key-${time}@${time}`);

test('event-time timers fire in pieces, in order and once', async (t) => {
  const stage = new Stage();
  const backend = await stage.world.open();
  const timers = stage.open(backend);
  await register(backend, (time) => timers.registerEventTimeTimer('n', time));
  t.is(timers.numEventTimeTimers(), undefined, 'most of them are in the store');
  t.true((await advance(timers, 30)) > 5);
  t.deepEqual(stage.fired, expected('event', 30));
  await advance(timers, 100);
  t.deepEqual(stage.fired, expected('event', 100));
  t.is(timers.numEventTimeTimers(), 0);
});

test('processing-time timers wake when they are due, also those that were restored', async (t) => {
  const stage = new Stage();
  const first = await stage.world.open();
  const timers = stage.open(first);
  await register(first, (time) => timers.registerProcessingTimeTimer('n', 100 + time));
  t.true((await stage.passTo(109)) > 0);
  t.is(stage.fired.length, 10);
  t.true((stage.time.scheduledTimes[0] ?? Number.POSITIVE_INFINITY) <= 110);
  timers.stop();
  const second = await stage.world.open({ restore: [await stage.world.snapshot(first)] });
  stage.open(second);
  // Nobody knows yet when the first of them is due.
  await stage.passTo(109);
  t.is(stage.fired.length, 10);
  t.deepEqual(stage.time.scheduledTimes, [110]);
  for (const now of [110, 119, 200]) {
    await stage.passTo(now);
    t.is(stage.fired.length, Math.min(TIMERS.length, now - 99));
  }
  t.deepEqual(
    stage.fired,
    TIMERS.map((time) => `processing key-${time}@${time + 100}`),
  );
  t.deepEqual(stage.time.scheduledTimes, []);
});

test('what a timer sets while others fire comes in its turn', async (t) => {
  const stage = new Stage();
  const backend = await stage.world.open();
  const timers: InternalTimerService<string> = stage.open(backend, (time) => {
    if (time % 2 === 0) timers.registerEventTimeTimer('n', time + 3);
    if (time % 4 === 0) timers.deleteEventTimeTimer('n', time + 3);
  });
  await register(backend, (time) => timers.registerEventTimeTimer('n', time));
  await advance(timers, 41);
  const times = stage.fired.map((text) => Number(text.split('@')[1]));
  t.deepEqual(
    times,
    times.toSorted((left, right) => left - right),
  );
  const added = TIMERS.filter((time) => time % 4 === 2 && time + 3 <= 41);
  t.is(stage.fired.length, TIMERS.length + added.length);
  t.is(new Set(stage.fired).size, stage.fired.length);
});

test('nothing fires once the service is stopped, also where it waits for state', async (t) => {
  const stage = new Stage();
  const backend = await stage.world.open();
  const timers = stage.open(backend);
  await register(backend, (time) => timers.registerProcessingTimeTimer('n', 100 + time));
  stage.time.advanceTo(200);
  timers.stop();
  t.is(await stage.settle(), 1);
  t.deepEqual(stage.fired, []);
  t.deepEqual(stage.time.scheduledTimes, []);
});
