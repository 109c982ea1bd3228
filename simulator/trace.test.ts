// A digest must change with everything a step is, and a recording must find where two runs part.

import test from 'ava';
import fc from 'fast-check';
import { KernelEvent, type Owner, type StepKind } from './kernel/event.ts';
import { firstDivergence, Trace } from './trace.ts';

function owner(index: number): Owner {
  const name = `tm-${index}`;
  return { index, name, isHost: true, isAlive: true, isPaused: false, held: [] };
}

interface Step {
  readonly index?: number;
  readonly kind?: StepKind;
  readonly label?: string;
  readonly timeMs?: number;
  readonly sequence?: number;
  readonly weight?: number;
}

function eventOf(step: Step): KernelEvent {
  const { index = 1, kind = 'timer', label = 'timer' } = step;
  const event = new KernelEvent(owner(index), kind, label, () => undefined);
  event.timeMs = step.timeMs ?? 10;
  event.sequence = step.sequence ?? 1;
  event.weight = step.weight ?? 0;
  return event;
}

function digestOf(...steps: readonly Step[]): string {
  const trace = new Trace('none');
  for (const step of steps) trace.mix(eventOf(step));
  return trace.digest;
}

test('digest changes with every part of a step, and with the order of steps', (t) => {
  const variants: readonly Step[] = [
    {},
    { index: 2 },
    { kind: 'io' },
    { label: 'other' },
    { timeMs: 11 },
    { sequence: 2 },
    { weight: 1 },
  ];
  const digests = variants.map((variant) => digestOf(variant, {}));
  t.is(new Set(digests).size, variants.length);
  t.not(digestOf({ weight: 1 }, { weight: 2 }), digestOf({ weight: 2 }, { weight: 1 }));
  t.regex(digestOf({}), /^[0-9a-f]{16}$/);
});

test('digest of a long run still remembers a difference in its first step', (t) => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (one, other) => {
      fc.pre(one !== other);
      const rest: readonly Step[] = Array.from({ length: 50 }, (_, sequence) => ({ sequence }));
      return digestOf({ weight: one }, ...rest) !== digestOf({ weight: other }, ...rest);
    }),
  );
  t.pass();
});

function recordingOf(weights: readonly number[], recording: 'full' | number): Trace {
  const trace = new Trace(recording);
  weights.forEach((weight, index) => {
    trace.mix(eventOf({ weight, sequence: index }));
    const step = index + 1;
    trace.record({ step, timeMs: 10, host: 'tm-1', kind: 'timer', text: 'timer', cause: 0 });
  });
  return trace;
}

test('firstDivergence() finds the first difference, also in a payload or at the end', (t) => {
  const left = recordingOf([1, 2, 3, 4], 'full').entries();
  t.is(firstDivergence(left, recordingOf([1, 2, 3, 4], 'full').entries()), undefined);
  t.like(firstDivergence(left, recordingOf([1, 2, 9, 4], 'full').entries()), { step: 3 });
  const shorter = firstDivergence(left, recordingOf([1, 2, 3], 'full').entries());
  t.like(shorter, { step: 4, right: undefined });
});

test('a bounded recording keeps the last entries, no recording keeps none', (t) => {
  const weights = Array.from({ length: 105 }, (_, index) => index);
  const kept = recordingOf(weights, 10).entries();
  t.deepEqual(
    kept.map(({ step }) => step),
    [96, 97, 98, 99, 100, 101, 102, 103, 104, 105],
  );
  const trace = new Trace('none');
  trace.record({ step: 1, timeMs: 0, host: 'tm-1', kind: 'timer', text: 'x', cause: 0 });
  t.deepEqual(trace.entries(), []);
});
