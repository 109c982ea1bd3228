// The laws of drawing: swarm, bounds, and independence of the kinds from each other.

import test from 'ava';
import fc from 'fast-check';
import { address } from '../../engine/environment/network.ts';
import { SeededRandom } from '../random.ts';
import { drawPlan, type FaultMix } from './draw-plan.ts';
import { FAULT_KINDS, type Fault, type FaultKind } from './fault.ts';

const hosts = ['jm', 'tm-1', 'tm-2'].map(address);
/** A point of a run is enumerated, not drawn. */
const DRAWN = FAULT_KINDS.filter((kind) => kind !== 'crash-point');
const operations: NonNullable<FaultMix['operations']> = {
  parallelismMax: 3,
  rescaleVia: ['savepoint'],
  stateBackends: ['fs', 'rocksdb'],
  marks: [],
};
const sites = ['a box is left open', 'a door is left open'];
const mix: FaultMix = { kinds: FAULT_KINDS, hosts, healAtMs: 10_000, operations, sites };

function planOf(seed: number, changes: Partial<FaultMix> = {}): readonly Fault[] {
  const random = new SeededRandom(seed.toString(16).padStart(16, '0'));
  return drawPlan(random, { ...mix, ...changes }).faults;
}

function beginOf(fault: Fault): number {
  if ('atMs' in fault) return fault.atMs;
  return 'fromMs' in fault ? fault.fromMs : 0;
}

test('a kind that is added changes no draw of the others', (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(...FAULT_KINDS), (seed, left) => {
      const kinds = FAULT_KINDS.filter((kind) => kind !== left);
      const without = planOf(seed, { kinds });
      t.deepEqual(
        planOf(seed).filter(({ kind }) => kind !== left),
        without,
      );
    }),
  );
});

test('faults begin and windows end in the safety phase, and hosts are known', (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 100_000 }), (seed, healAtMs) => {
      for (const fault of planOf(seed, { healAtMs })) {
        t.true(beginOf(fault) >= 0 && beginOf(fault) < healAtMs);
        if ('toMs' in fault) t.true(fault.toMs > fault.fromMs && fault.toMs <= healAtMs);
        if ('host' in fault) t.true(hosts.includes(fault.host));
        if (fault.kind === 'partition') t.not(fault.from, fault.to);
        if (fault.kind === 'buggify') t.true(sites.includes(fault.site));
      }
    }),
  );
});

test('each kind is in about half of the plans, each pair in a quarter', (t) => {
  const seeds = Array.from({ length: 600 }, (_, seed) => new Set(planOf(seed).map((f) => f.kind)));
  const share = (...kinds: readonly FaultKind[]) =>
    seeds.filter((present) => kinds.every((kind) => present.has(kind))).length / seeds.length;
  for (const kind of DRAWN) t.true(share(kind) > 0.42 && share(kind) < 0.58, kind);
  for (const kind of DRAWN.slice(1)) {
    t.true(share('crash', kind) > 0.18 && share('crash', kind) < 0.32, kind);
  }
});

test('sturdy hosts neither crash nor freeze', (t) => {
  const sturdy = hosts.slice(0, 1);
  for (let seed = 0; seed < 100; seed += 1) {
    for (const fault of planOf(seed, { sturdy })) {
      if (fault.kind === 'crash' || fault.kind === 'pause') t.false(sturdy.includes(fault.host));
    }
  }
  t.deepEqual(planOf(3, { kinds: ['crash', 'pause'], sturdy: hosts }), []);
});

test('some plans strike again while a host is recovering', (t) => {
  const isPair = (faults: readonly Fault[]) =>
    faults.some((fault, index) => {
      const next = faults[index + 1];
      if (fault.kind !== 'crash' || next?.kind !== 'crash') return false;
      const up = fault.atMs + fault.downMs;
      return next.host === fault.host && next.atMs >= up && next.atMs < up + 30;
    });
  const count = Array.from({ length: 200 }, (_, seed) => planOf(seed)).filter(isPair).length;
  t.true(count > 10, String(count));
});

test('operations stay within what the job allows, and some wait for something to happen', (t) => {
  const marks = ['checkpoint-triggered', 'job-failing'];
  const all = Array.from({ length: 200 }, (_, seed) =>
    planOf(seed, { operations: { ...operations, marks } }),
  ).flat();
  const rescales = all.flatMap((fault) => (fault.kind === 'rescale' ? [fault] : []));
  const parallelisms = new Set(rescales.map(({ parallelism }) => parallelism));
  t.deepEqual(
    [...parallelisms].toSorted((one, other) => one - other),
    [1, 2, 3],
  );
  t.deepEqual(new Set(rescales.map(({ via }) => via)), new Set(['savepoint']));
  const backends = all.flatMap((fault) => (fault.kind === 'switch-backend' ? fault.backend : []));
  t.deepEqual([...new Set(backends)].sort(), operations.stateBackends);
  const waiting = all.flatMap(({ after }) => (after === undefined ? [] : [after.mark]));
  t.deepEqual([...new Set(waiting)].sort(), marks);
  t.true(rescales.some(({ after }) => after === undefined));
  const none = { ...operations, stateBackends: [] };
  t.deepEqual(planOf(1, { kinds: ['switch-backend'], operations: none }), []);
});
