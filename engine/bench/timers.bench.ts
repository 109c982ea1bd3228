// Timers in RocksDB against timers on the heap, in the same run: setting and firing while many more
// are pending, as with windows, and the memory that each pending timer takes. Read the ratios.

import { RocksDBStateBackend } from '../state/rocksdb/rocksdb-state-backend.ts';
import type { KeyedStateBackend } from '../state/state-backend.ts';
import { stringSerializer } from '../stream/serializers/primitive-serializers.ts';
import { voidNamespaceSerializer } from '../stream/serializers/void-namespace.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import { BenchDisk } from './support/bench-disk.ts';
import { alternate, report } from './support/measure.ts';

const PENDING = 100_000;
/** Set and fired in each round, in batches. */
const MOVED = 10_000;
const BATCH = 1_000;
const ROUNDS = 5;
const DRIVERS = ['rocksdb-native', 'rocksdb-js'];
const SERVICES = ['heap', 'rocksdb'] as const;

const disk = new BenchDisk();
const keySerializer = stringSerializer as TypeSerializer<unknown>;

class Pending {
  readonly #backend: KeyedStateBackend;
  #set = 0;
  #fired = 0;

  constructor(backend: KeyedStateBackend) {
    this.#backend = backend;
    this.#queue();
  }

  async set(count: number): Promise<void> {
    const queue = this.#queue();
    for (const end = this.#set + count; this.#set < end; ) {
      const first = this.#set;
      const keys = Array.from({ length: BATCH }, (_, index) => `user-${first + index}`);
      const pending = this.#backend.prepare?.(keys);
      if (pending !== undefined) await pending;
      for (const key of keys) {
        this.#backend.setCurrentKey(key);
        queue.add({ key, namespace: 'void', timestamp: this.#set++ });
      }
    }
  }

  async fire(count: number): Promise<void> {
    const queue = this.#queue();
    for (const end = this.#fired + count; this.#fired < end; ) {
      const watermark = this.#fired + BATCH - 1;
      while ((queue.earliest ?? Number.POSITIVE_INFINITY) <= watermark) {
        const pending = this.#backend.prepareTimers?.('timers', watermark);
        if (pending !== undefined) await pending;
        this.#fireReady(watermark);
      }
    }
  }

  #fireReady(watermark: number): void {
    const queue = this.#queue();
    for (let head = queue.peek(); head !== undefined; head = queue.peek()) {
      if (head.timestamp > watermark || this.#backend.isPrepared?.(head.key) === false) return;
      this.#backend.setCurrentKey(head.key);
      queue.poll();
      if (head.timestamp !== this.#fired++) throw new Error(`fired ${head.timestamp}`);
    }
  }

  #queue() {
    return this.#backend.timerQueue<'void'>('timers', voidNamespaceSerializer);
  }
}

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

for (const driver of DRIVERS) {
  const backends: KeyedStateBackend[] = [];
  const works: (() => Promise<void>)[] = [];
  const bytesPerTimer: number[] = [];
  for (const timerService of SERVICES) {
    const options = { driver, timerService };
    const backend = await disk.open(new RocksDBStateBackend(options), { keySerializer });
    const before = heapUsed();
    const timers = new Pending(backend);
    await timers.set(PENDING);
    bytesPerTimer.push((heapUsed() - before) / PENDING);
    backends.push(backend);
    works.push(async () => {
      await timers.set(MOVED);
      await timers.fire(MOVED);
    });
  }
  const [heap, rocksdb] = await alternate(ROUNDS, works);
  if (heap === undefined || rocksdb === undefined) throw new Error('nothing was measured');
  report('timers', {
    driver,
    pending: PENDING,
    heapPerSecond: Math.round((MOVED * 1_000) / heap.ms),
    rocksdbPerSecond: Math.round((MOVED * 1_000) / rocksdb.ms),
    share: heap.ms / rocksdb.ms,
    shareOfProcessorTime: heap.cpuMs / rocksdb.cpuMs,
    ...(globalThis.gc !== undefined && {
      heapBytesPerTimer: bytesPerTimer[0],
      rocksdbBytesPerTimer: bytesPerTimer[1],
    }),
  });
  for (const backend of backends) await backend.dispose();
}
