// Places in a run: what a person types is found, or is said to be wrong.

import test from 'ava';
import fc from 'fast-check';
import type { TraceEntry } from '../../simulator/index.ts';
import { endOf, parseBreakpoint, parsePlace, stepOf, stepOfBreak } from './positions.ts';

function entry(step: number, timeMs: number, text: string, host = 'jm'): TraceEntry {
  return { step, timeMs, host, kind: 'timer', text, cause: 0, digest: `${step}` };
}

const TRACE = [
  entry(1, 0, 'boot'),
  entry(2, 5, 'barrier 1', 'tm-1'),
  entry(3, 5, 'barrier 1', 'tm-2'),
  entry(4, 9, 'barrier 2', 'tm-1'),
];

test('a place is a step or a time, and nothing else', (t) => {
  t.deepEqual(parsePlace('1861'), { kind: 'step', step: 1861 });
  t.deepEqual(parsePlace('1 861'), { kind: 'step', step: 1861 });
  t.deepEqual(parsePlace('0'), { kind: 'step', step: 1 });
  t.deepEqual(parsePlace('12.377s'), { kind: 'time', timeMs: 12_377 });
  t.deepEqual(parsePlace('40ms'), { kind: 'time', timeMs: 40 });
  for (const wrong of ['', 's', '-1', '1.5', '3h', 'crash']) t.is(parsePlace(wrong), undefined);
});

test('a step is never before the first one nor after the end', (t) => {
  t.is(endOf(TRACE), 5);
  fc.assert(
    fc.property(fc.nat(20), fc.nat(20), (step, timeMs) => {
      const places = [
        stepOf({ kind: 'step', step: Math.max(1, step) }, TRACE),
        stepOf({ kind: 'time', timeMs }, TRACE),
      ];
      for (const place of places) t.true(place >= 1 && place <= 5);
    }),
  );
  t.is(stepOf({ kind: 'time', timeMs: 5 }, TRACE), 2);
  t.is(stepOf({ kind: 'time', timeMs: 6 }, TRACE), 4);
});

test('a breakpoint counts events that match, from a step on', (t) => {
  const second = parseBreakpoint('barrier 1:2');
  t.is(second && stepOfBreak(second, TRACE), 3);
  const onHost = parseBreakpoint('^tm-1 .*barrier');
  t.is(onHost && stepOfBreak(onHost, TRACE), 2);
  t.is(onHost && stepOfBreak(onHost, TRACE, 3), 4);
  t.is(onHost && stepOfBreak(onHost, TRACE, 5), undefined);
  t.is(parseBreakpoint('(unclosed'), undefined);
  t.is(parseBreakpoint(''), undefined);
});
