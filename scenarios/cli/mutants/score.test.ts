// The score counts what can be believed: a kill that the real engine's own run does not refute, the
// median and the 95th percentile of the seeds, and no control.

import test from 'ava';
import { parseEvent, summarize } from '../../../reports/index.ts';
import type { Mutant } from '../../mutants/mutant.ts';
import type { Case } from '../suite/select.ts';
import type { RootHunt } from './hunter.ts';
import { mutantEvent, quantile } from './score.ts';

const mutant: Mutant = {
  name: 'one',
  description: 'is wrong',
  standsFor: ['FLINK-1'],
  operator: 'M1',
  area: 'sinks',
  file: 'operator/sink-operator',
  find: 'a();',
  replace: 'b();',
  expectedProperty: 'exactly-once-ledger',
};

function hunt(seeds: number, property?: string): RootHunt {
  if (property === undefined) return { kill: undefined, seeds };
  const id = `a/b@memory#${String(seeds).padStart(16, '0')}`;
  const run = {
    sequence: 0,
    scenario: 'a/b',
    backend: 'memory',
    seed: '0'.repeat(16),
    isRepeated: false,
    record: 'never',
    run: id,
    case: {} as Case,
    index: 0,
  } as const;
  return { kill: { run, property }, seeds };
}

function eventOf(hunts: readonly RootHunt[], options: { unsound?: number; mutant?: Mutant } = {}) {
  const passed = hunts.flatMap(({ kill, seeds }) =>
    kill === undefined || seeds === options.unsound ? [] : [kill.run.run],
  );
  const trophy = { mutant: options.mutant ?? mutant, hunts, failures: [] };
  return mutantEvent(trophy, { files: [], passed: new Set(passed) });
}

test('quantile() is the nearest rank, and none where the budget was too small', (t) => {
  t.is(quantile([5, 1, 3], 0.5), 3);
  t.is(quantile([5, 1], 0.5), 1);
  t.is(quantile([7], 0.95), 7);
  const twenty = Array.from({ length: 20 }, (_, index) => index + 1);
  t.is(quantile(twenty, 0.95), 19);
  t.is(quantile([...twenty.slice(1), undefined], 0.95), 20);
  t.is(quantile([1, undefined, undefined], 0.5), undefined);
  t.is(quantile([], 0.5), undefined);
});

test('a mutant is killed if at least half of the hunts kill it', (t) => {
  const killed = eventOf([hunt(4, 'x'), hunt(300)]);
  t.like(killed, { killed: true, seeds: 4, kills: 1, roots: 2, property: 'x' });
  t.false('seedsP95' in killed);
  t.like(eventOf([hunt(4, 'x'), hunt(300), hunt(300)]), { killed: false, seeds: 300, kills: 1 });
  t.like(eventOf([hunt(9, 'x'), hunt(4, 'y'), hunt(5, 'y')]), {
    killed: true,
    seeds: 5,
    seedsP95: 9,
    property: 'y',
    area: 'sinks',
    standsFor: ['FLINK-1'],
  });
});

test('a kill that the real engine fails, or was not tried on, is none', (t) => {
  t.like(eventOf([hunt(4, 'x')], { unsound: 4 }), { killed: false, kills: 0, property: 'x' });
});

test('an event of the score reads back, and a control is not counted', (t) => {
  const control = { ...mutant, name: 'null', mustSurvive: true };
  const events = [eventOf([hunt(4, 'x')]), eventOf([hunt(300)], { mutant: control })];
  const read = events.flatMap((event) => {
    const parsed = parseEvent(JSON.stringify(event));
    return parsed.kind === 'event' ? [parsed.event] : [];
  });
  t.deepEqual(read, [...events]);
  const report = summarize({ events: read, problems: [] });
  t.like(report, { mutantsKilled: 1, mutantsScored: 1 });
  t.deepEqual(report.mutantAreas, [{ area: 'sinks', killed: 1, of: 1 }]);
  t.false(report.gaps.some((gap) => gap.includes('null')));
  const wolf = eventOf([hunt(1, 'x')], { mutant: control });
  t.true(
    summarize({ events: [wolf], problems: [] }).gaps.some((gap) => /cannot|no other/.test(gap)),
  );
});
