// Plans as text: what is printed is read back, what is wrong is named.

import test from 'ava';
import fc from 'fast-check';
import { address } from '../../engine/environment/network.ts';
import { SeededRandom } from '../random.ts';
import { drawPlan } from './draw-plan.ts';
import { FAULT_KINDS } from './fault.ts';
import { type FaultPlan, parsePlan, printPlan } from './fault-plan.ts';

const hosts = ['jm', 'tm-1', 'tm-2'].map(address);

test('parsePlan() reads back exactly what printPlan() wrote', (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 1_000_000 }), (seed, healAtMs) => {
      const random = new SeededRandom(seed.toString(16).padStart(16, '0'));
      const plan = drawPlan(random, { kinds: FAULT_KINDS, hosts, healAtMs });
      t.deepEqual(parsePlan(printPlan(plan)), plan);
    }),
  );
});

test('a plan with a mark survives the round trip, and an empty plan too', (t) => {
  const plan: FaultPlan = {
    healAtMs: 500,
    faults: [
      {
        kind: 'crash',
        host: address('tm-1'),
        atMs: 3,
        downMs: 10,
        after: { mark: 'checkpoint-completed', nth: 2 },
      },
    ],
  };
  t.deepEqual(parsePlan(printPlan(plan)), plan);
  t.is(printPlan(plan).split('\n').length, 7);
  t.deepEqual(parsePlan(printPlan({ healAtMs: 1, faults: [] })), { healAtMs: 1, faults: [] });
});

const BROKEN: readonly (readonly [string, string])[] = [
  ['{', 'plan'],
  ['[]', 'healAtMs'],
  ['{"healAtMs": 1}', 'faults'],
  ['{"healAtMs": -1, "faults": []}', 'healAtMs'],
  ['{"healAtMs": 1, "faults": [{"kind": "meteor"}]}', 'faults[0].kind'],
  ['{"healAtMs": 1, "faults": [3]}', 'faults[0]'],
  ['{"healAtMs": 1, "faults": [{"kind":"crash","host":"a","atMs":1}]}', 'faults[0].downMs'],
  [
    '{"healAtMs": 1, "faults": [{"kind":"crash","host":"a","atMs":1.5,"downMs":1}]}',
    'faults[0].atMs',
  ],
  [
    '{"healAtMs": 1, "faults": [{"kind":"crash","host":"a","atMs":1,"downMs":1,"upMs":1}]}',
    'faults[0].upMs',
  ],
  ['{"healAtMs": 1, "faults": [{"kind":"loss","fromMs":1,"toMs":2,"oneIn":0}]}', 'faults[0].oneIn'],
  [
    '{"healAtMs": 1, "faults": [{"kind":"loss","fromMs":1,"toMs":2,"oneIn":2,"after":{"mark":1}}]}',
    'faults[0].after.mark',
  ],
  [
    '{"healAtMs": 1, "faults": [{"kind":"corrupt-checkpoint","afterCheckpoint":1,' +
      '"artefact":"oldest","corruption":"missing"}]}',
    'faults[0].artefact',
  ],
];

test('parsePlan() names the place of what it cannot read', (t) => {
  for (const [text, place] of BROKEN) {
    t.like(
      t.throws(() => parsePlan(text)),
      { code: 'OP-E140', place },
    );
  }
});
