// Fingerprints put the same bug under one name; traces become events that reports understand.

import test from 'ava';
import { fingerprintOf, shapeOf } from './fingerprint.ts';
import { toTraceEvents } from './trace-events.ts';

const violation = { scenario: 'a/b', property: 'ledger', message: 'Record r12 was lost' };

test('fingerprintOf() does not see ids, counts and how many are listed', (t) => {
  const messages = ['Record r12 was lost', 'Record r7 was lost', 'Record r7, r8, r130 was lost'];
  const prints = messages.map((message) => fingerprintOf({ ...violation, message }));
  t.is(new Set(prints).size, 1);
  t.regex(prints[0] ?? '', /^[0-9a-f]{8}$/);
});

test('fingerprintOf() sees the property, the scenario and the words', (t) => {
  const others = [
    violation,
    { ...violation, property: 'liveness' },
    { ...violation, scenario: 'a/c' },
    { ...violation, message: 'Record r12 was committed twice' },
  ];
  t.is(new Set(others.map(fingerprintOf)).size, others.length);
});

test('shapeOf() looks at the first line only', (t) => {
  t.is(shapeOf('Lost 3 of 12\n  r1\n  r2'), 'Lost # of #');
});

test('toTraceEvents() names what arrives a delivery and what dies a crash', (t) => {
  const entry = { step: 1, timeMs: 5, host: 'tm-1', cause: 0, digest: 'd' } as const;
  const events = toTraceEvents([
    { ...entry, kind: 'message', text: 'acknowledge checkpoint 7', from: 'tm-1', to: 'jm' },
    { ...entry, kind: 'fault', text: 'crash tm-1' },
    { ...entry, kind: 'fault', text: 'loss begins' },
    { ...entry, kind: 'note', text: 'checkpoint-completed 7' },
    { ...entry, kind: 'timer', text: 'timer' },
  ]);
  t.deepEqual(
    events.map(({ kind }) => kind),
    ['deliver', 'crash', 'fault', 'checkpoint-completed', 'timer'],
  );
  t.like(events[0], { from: 'tm-1', to: 'jm', checkpoint: 7, cause: 0 });
});
