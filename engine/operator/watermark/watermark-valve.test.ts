// The combined watermark of several channels.

import test from 'ava';
import fc from 'fast-check';

import { MAX_WATERMARK, NO_TIMESTAMP } from '../../stream/elements.ts';
import { WatermarkValve } from './watermark-valve.ts';

test('one channel passes its watermarks on, and drops those that do not rise', (t) => {
  const valve = new WatermarkValve(1);
  t.deepEqual(valve.onWatermark(0, 0), { watermark: 0 });
  t.is(valve.onWatermark(0, 0), undefined);
  t.is(valve.onWatermark(0, -1), undefined);
  t.deepEqual(valve.onWatermark(0, 25), { watermark: 25 });
});

test('of several channels the least counts, once each has one', (t) => {
  const valve = new WatermarkValve(3);
  t.is(valve.onWatermark(0, 10), undefined);
  t.is(valve.onWatermark(1, 5), undefined);
  t.deepEqual(valve.onWatermark(2, 7), { watermark: 5 });
  t.deepEqual(valve.onWatermark(1, 30), { watermark: 7 });
  t.deepEqual(valve.onWatermark(2, 30), { watermark: 10 });
  t.is(valve.watermark, 10);
});

test('an idle channel holds nobody back, and one that comes back must catch up first', (t) => {
  const valve = new WatermarkValve(2);
  valve.onWatermark(0, 10);
  t.deepEqual(valve.onWatermark(1, 4), { watermark: 4 });
  t.deepEqual(valve.onStatus(1, true), { watermark: 10 });
  t.deepEqual(valve.onWatermark(0, 20), { watermark: 20 });
  t.is(valve.onStatus(1, false), undefined);
  t.is(valve.onWatermark(1, 15), undefined);
  t.deepEqual(valve.onWatermark(0, 25), { watermark: 25 });
  t.is(valve.onWatermark(1, 25), undefined);
  t.is(valve.onWatermark(0, 40), undefined);
  t.deepEqual(valve.onWatermark(1, 30), { watermark: 30 });
});

test('when all become idle the greatest watermark goes out first, then the status', (t) => {
  const valve = new WatermarkValve(2);
  valve.onWatermark(0, 10);
  valve.onWatermark(1, 4);
  t.is(valve.onStatus(0, true), undefined);
  t.deepEqual(valve.onStatus(1, true), { watermark: 10, isIdle: true });
  t.true(valve.isIdle);
  t.is(valve.onWatermark(0, 50), undefined);
  t.deepEqual(valve.onStatus(0, false), { isActive: true });
});

test('the end of its data counts even from an idle channel', (t) => {
  const valve = new WatermarkValve(1);
  t.deepEqual(valve.onStatus(0, true), { isIdle: true });
  t.deepEqual(valve.onWatermark(0, MAX_WATERMARK), { isActive: true, watermark: MAX_WATERMARK });
});

type Step =
  | { readonly kind: 'watermark'; readonly channel: number; readonly rise: number }
  | { readonly kind: 'status'; readonly channel: number; readonly idle: boolean };

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('watermark' as const),
      channel: fc.nat(3),
      rise: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({ kind: fc.constant('status' as const), channel: fc.nat(3), idle: fc.boolean() }),
  ),
  { maxLength: 60 },
);

/** The same rules, computed from scratch after every step. */
class NaiveValve {
  readonly #channels = [0, 1, 2, 3].map(() => ({ wm: NO_TIMESTAMP, idle: false, aligned: true }));
  #last = NO_TIMESTAMP;

  step(step: Step, watermark: number): number {
    const channel = this.#channels[step.channel];
    if (channel === undefined) throw new Error('no such channel');
    if (step.kind === 'watermark') {
      if (!channel.idle) channel.wm = Math.max(channel.wm, watermark);
    } else if (step.idle !== channel.idle) {
      this.#changeStatus(channel, step.idle);
    }
    for (const one of this.#channels) {
      if (!one.idle && one.wm >= this.#last) one.aligned = true;
    }
    const aligned = this.#channels.filter((one) => one.aligned).map(({ wm }) => wm);
    if (aligned.length > 0) this.#last = Math.max(this.#last, Math.min(...aligned));
    return this.#last;
  }

  #changeStatus(channel: { wm: number; idle: boolean; aligned: boolean }, idle: boolean): void {
    const heldBack = channel.aligned && channel.wm === this.#last;
    channel.idle = idle;
    channel.aligned = false;
    const allIdle = this.#channels.every((one) => one.idle);
    const greatest = Math.max(...this.#channels.map(({ wm }) => wm));
    if (allIdle && heldBack) this.#last = Math.max(this.#last, greatest);
  }
}

test('watermarks strictly increase and equal the least of the aligned channels', (t) => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const valve = new WatermarkValve(4);
      const naive = new NaiveValve();
      const current = [0, 0, 0, 0];
      let last = NO_TIMESTAMP;
      for (const step of sequence) {
        const { channel } = step;
        if (step.kind === 'watermark') current[channel] = (current[channel] ?? 0) + step.rise;
        const watermark = current[channel] ?? 0;
        const change =
          step.kind === 'watermark'
            ? valve.onWatermark(channel, watermark)
            : valve.onStatus(channel, step.idle);
        if (change?.watermark !== undefined) {
          if (change.watermark <= last) throw new Error('the watermark did not rise');
          last = change.watermark;
        }
        if (valve.watermark !== last) throw new Error('a rise was not reported');
        if (naive.step(step, watermark) !== last) throw new Error('not the least');
      }
    }),
  );
  t.pass();
});
