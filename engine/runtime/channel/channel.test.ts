// A producing and a consuming end with a slow wire between them, as two tasks see them.

import test from 'ava';
import fc from 'fast-check';

import { checkpointId } from '../../core/ids.ts';
import type { ChannelElement, CheckpointBarrier } from '../../stream/elements.ts';
import { CHANNEL_CREDIT, InputChannel } from './input-channel.ts';
import { BATCH_RECORDS_MAX, Subpartition } from './subpartition.ts';

const BARRIER: CheckpointBarrier = {
  kind: 'barrier',
  checkpoint: checkpointId(1),
  timestampMs: 0,
  options: {
    alignment: 'unaligned',
    alignedTimeoutMs: undefined,
    type: 'checkpoint',
    stop: 'no',
    targetDirectory: undefined,
  },
};

class Channel {
  readonly input = new InputChannel({ edge: 'e', producer: 0, consumer: 0, input: 0 });
  readonly output: Subpartition;
  readonly wire: (readonly [number, ChannelElement])[] = [];
  readonly processed: ChannelElement[] = [];
  available = true;
  #owed = 0;

  constructor() {
    this.output = new Subpartition({
      transmit: (sequence, element) => void this.wire.push([sequence, element]),
      availabilityChanged: (available) => {
        this.available = available;
      },
    });
  }

  open(): void {
    this.output.grantCredit(CHANNEL_CREDIT);
  }

  /** One element crosses the wire. Adding asserts that there is room for it. */
  arrive(): ChannelElement | undefined {
    const next = this.wire.shift();
    if (next === undefined) return undefined;
    const [sequence, element] = next;
    if (!this.input.add(sequence, element)) throw new Error(`gap before ${sequence}`);
    return element;
  }

  /** As InputGate pays: in portions. */
  process(): boolean {
    const element = this.input.poll();
    if (element === undefined) return false;
    this.processed.push(element);
    if (this.input.freesCredit(element)) this.#owed++;
    if (this.#owed >= CHANNEL_CREDIT / 4) {
      this.output.grantCredit(this.#owed);
      this.#owed = 0;
    }
    return true;
  }

  drain(): void {
    this.output.flush();
    while (this.arrive() !== undefined || this.process());
  }
}

/** Records and watermarks in order; barriers are left out. */
function data(elements: readonly ChannelElement[]): readonly unknown[] {
  return elements.flatMap((element): unknown[] => {
    if (element.kind === 'records') return element.values;
    return element.kind === 'watermark' ? [`w${element.timestamp}`] : [];
  });
}

const action = fc.constantFrom('emit', 'emit', 'emit', 'watermark', 'flush', 'arrive', 'process');

/** Numbers what is emitted; returns it all. */
function perform(channel: Channel, actions: readonly string[], from = 0): readonly unknown[] {
  const emitted: unknown[] = [];
  actions.forEach((one, index) => {
    const number = from + index;
    if (one === 'emit') {
      channel.output.emit(number, 0);
      emitted.push(number);
    } else if (one === 'watermark') {
      channel.output.emitEvent({ kind: 'watermark', timestamp: number });
      emitted.push(`w${number}`);
    } else if (one === 'flush') channel.output.flush();
    else if (one === 'arrive') channel.arrive();
    else channel.process();
  });
  return emitted;
}

test('everything arrives in order, within the credit, and no credit is lost on the way', (t) => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200, size: 'max' }), (actions) => {
      const channel = new Channel();
      channel.open();
      const emitted = perform(channel, actions);
      channel.drain();
      t.true(channel.output.isDrained);
      t.deepEqual(data(channel.processed), emitted);
      t.true(channel.available);
    }),
    { numRuns: 200 },
  );
});

test('nothing is sent before the channel is open, and all of it then', (t) => {
  const channel = new Channel();
  const emitted = perform(channel, ['emit', 'watermark', 'emit', 'flush']);
  t.is(channel.wire.length, 0);
  channel.open();
  channel.drain();
  t.deepEqual(data(channel.processed), emitted);
});

test('a producer without credit asks to pause, and to go on once there is credit', (t) => {
  const channel = new Channel();
  channel.open();
  const flood = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? 'emit' : 'flush'));
  perform(channel, flood);
  t.is(channel.wire.length, CHANNEL_CREDIT);
  t.false(channel.available);
  channel.drain();
  t.true(channel.available);
});

test('a batch is closed when it is full', (t) => {
  const channel = new Channel();
  channel.open();
  for (let index = 0; index <= BATCH_RECORDS_MAX; index++) channel.output.emit(index, 0);
  t.is(channel.wire.length, 1);
  t.true(channel.output.hasOpenBatch);
});

test('a missing element is noticed', (t) => {
  const { input } = new Channel();
  t.true(input.add(1, { kind: 'watermark', timestamp: 1 }));
  t.false(input.add(3, { kind: 'watermark', timestamp: 3 }));
});

test('what an unaligned barrier overtakes is, with what was processed, all that was sent', (t) => {
  const actions = fc.array(action, { maxLength: 120, size: 'max' });
  fc.assert(
    fc.property(actions, actions, actions, (before, after, later) => {
      const channel = new Channel();
      channel.open();
      const emitted = perform(channel, before);
      const overtaken = channel.output.overtake(BARRIER);
      perform(
        channel,
        after.filter((one) => one !== 'arrive' && one !== 'process'),
        1_000,
      );
      // The barrier counts from when it arrives, wherever it then stands in the queue.
      while (channel.arrive() !== BARRIER) channel.process();
      const inFlight = channel.input.inFlightBefore(1);
      const restoredSees = [...data(inFlight), ...data(overtaken)];
      t.deepEqual([...data(channel.processed), ...restoredSees], emitted);

      const restored = new Channel();
      restored.input.restore(inFlight);
      restored.output.restore(overtaken);
      restored.open();
      const next = perform(restored, later, 2_000);
      restored.drain();
      t.deepEqual(data(restored.processed), [...restoredSees, ...next]);
    }),
    { numRuns: 200 },
  );
});

test('an unaligned barrier needs no credit, and costs none', (t) => {
  const channel = new Channel();
  channel.open();
  const flood = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 'emit' : 'flush'));
  const emitted = perform(channel, flood);
  while (channel.arrive() !== undefined);
  for (let id = 1; id <= 3 * CHANNEL_CREDIT; id++) {
    const barrier = { ...BARRIER, checkpoint: checkpointId(id) };
    const overtaken = channel.output.overtake(barrier);
    t.is(channel.arrive(), barrier);
    t.deepEqual([...data(channel.input.inFlightBefore(id)), ...data(overtaken)], emitted);
  }
  channel.drain();
  t.deepEqual(data(channel.processed), emitted);
  perform(channel, flood);
  t.is(channel.wire.length, CHANNEL_CREDIT);
});

test('an unaligned barrier does not go before its channel is open', (t) => {
  const channel = new Channel();
  perform(channel, ['emit', 'flush']);
  channel.output.overtake(BARRIER);
  channel.output.overtake({ ...BARRIER, checkpoint: checkpointId(2) });
  t.is(channel.wire.length, 0);
  channel.open();
  t.deepEqual(
    channel.wire.map(([, { kind }]) => kind),
    ['barrier', 'records'],
  );
});

test('in-flight data ends at the barrier, and an older barrier is not in the way', (t) => {
  const { input } = new Channel();
  // Of a barrier that overtakes no mark stays once there is a newer one.
  const options = { ...BARRIER.options, alignment: 'aligned' as const };
  const older = { ...BARRIER, checkpoint: checkpointId(1), options };
  const newer = { ...BARRIER, checkpoint: checkpointId(3) };
  const watermark = (timestamp: number): ChannelElement => ({ kind: 'watermark', timestamp });
  [watermark(1), older, watermark(2), newer, watermark(3)].forEach((element, index) => {
    input.add(index + 1, element);
  });
  t.deepEqual(data(input.inFlightBefore(3)), ['w1', 'w2']);
  t.deepEqual(data(input.inFlightBefore(2)), ['w1', 'w2']);
  t.deepEqual(data(input.inFlightBefore(1)), ['w1']);
});
