// A repro file reads back as it was written, every mistake in one is named, and what a replay of it
// shows is said rightly: fixed only if everything that it stages has happened.

import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { OnceproofError } from '../../engine/core/errors.ts';
import { address } from '../../engine/environment/network.ts';
import type { Fault } from '../../simulator/index.ts';
import { fingerprintOf } from '../run/fingerprint.ts';
import { judgeRepro } from './judge-repro.ts';
import { parseRepro } from './parse-repro.ts';
import { describeFault, printRepro, type Repro } from './repro.ts';

const kill: Fault = {
  kind: 'kill',
  host: address('jm'),
  atMs: 5,
  downMs: 1,
  after: { mark: 'checkpoint-completed', nth: 2 },
};
const message = 'Record v3 was lost, and 2 more';
const repro: Repro = {
  onceproof: '0.1.0',
  git: '4c1e7f2d9a03b6e1000000000000000000000000',
  mutant: 'canary',
  files: ['./my.scenario.ts'],
  from: 'a/b@fs#00000000000000a7',
  expect: {
    violates: 'exactly-once-ledger',
    fingerprint: fingerprintOf({ scenario: 'a/b', property: 'exactly-once-ledger', message }),
    message,
  },
  case: {
    scenario: 'a/b',
    backend: 'fs',
    seed: '0000000000000000',
    plan: { healAtMs: 64, faults: [kill, { kind: 'loss', fromMs: 1, toMs: 9, oneIn: 1 }] },
    input: [{ id: 'v0' }, 7, 'text', null],
    cluster: { taskManagers: 1, slots: 2, parallelism: 2 },
    rescales: false,
    livenessMs: 20_000,
    horizonMs: 128,
    chance: { quiet: ['network'], draws: new Map([['network/link/jm/tm-1', new Map([[8, 4]])]]) },
  },
};

test('a repro reads back as it was written, with a fault a line', (t) => {
  const text = printRepro(repro);
  t.deepEqual(parseRepro(text, 'x'), repro);
  t.true(text.split('\n').includes(`    ${JSON.stringify(kill)},`));
  t.true(text.length < 1_500, String(text.length));
});

const cases = fc.record({
  input: fc.option(fc.array(fc.jsonValue({ maxDepth: 2 })), { nil: undefined }),
  horizonMs: fc.option(fc.nat(), { nil: undefined }),
  rescales: fc.boolean(),
  livenessMs: fc.nat(),
});

testProp('whatever is in it', [cases], (t, changes) => {
  const { mutant: _mutant, files: _files, git: _git, ...rest } = repro;
  // Negative zero is not something that JSON keeps.
  const input = changes.input && (JSON.parse(JSON.stringify(changes.input)) as unknown[]);
  const quiet = { plan: { healAtMs: 0, faults: [] }, chance: { quiet: [], draws: new Map() } };
  const one: Repro = { ...rest, case: { ...repro.case, ...changes, ...quiet, input } };
  t.deepEqual(parseRepro(printRepro(one), 'x'), one);
});

interface Mistake {
  readonly change: (text: string) => string;
  readonly code: OnceproofError['code'];
  readonly says: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  { change: () => '{', code: 'OP-E156', says: /Cannot read the repro: SyntaxError/ },
  { change: () => '[]', code: 'OP-E157', says: /the repro: it is not an object/ },
  {
    change: (text) => text.replace('"version": 1', '"version": 2'),
    code: 'OP-E158',
    says: /of version 2/,
  },
  { change: (text) => text.replace('"from"', '"form"'), code: 'OP-E157', says: /"from" .*missing/ },
  {
    change: (text) => text.replace('"git"', '"got"'),
    code: 'OP-E157',
    says: /"got" .*no such field/,
  },
  {
    change: (text) => text.replace('"violates":', '"violate":'),
    code: 'OP-E157',
    says: /"expect.violates"/,
  },
  {
    change: (text) => text.replace('"slots":2', '"slots":0'),
    code: 'OP-E157',
    says: /"cluster.slots" .*from 1/,
  },
  {
    change: (text) => text.replace('"rescales": false', '"rescales": 0'),
    code: 'OP-E157',
    says: /neither true/,
  },
  { change: (text) => text.replace('"8":4', '"8":-4'), code: 'OP-E157', says: /"choices.draws"/ },
  {
    change: (text) => text.replace(/"seed":"0/, '"seed":"x'),
    code: 'OP-E157',
    says: /"choices.seed"/,
  },
  { change: (text) => text.replace('"kill"', '"kil"'), code: 'OP-E140', says: /faults\[0\].kind/ },
  {
    change: (text) => text.replace('"nth":2', '"nth":0'),
    code: 'OP-E140',
    says: /faults\[0\].after.nth/,
  },
];

for (const { change, code, says } of MISTAKES) {
  test(`mistake: ${says.source}`, (t) => {
    const text = printRepro(repro);
    t.not(change(text), text);
    const error = t.throws(() => parseRepro(change(text), 'F1.repro.json'));
    t.true(error instanceof OnceproofError);
    if (!(error instanceof OnceproofError)) return;
    t.is(error.code, code);
    t.regex(error.message, says);
    t.truthy(error.remedy);
  });
}

const held = { verdict: 'valid', strikes: [1, 3] } as never;

test('held with every fault struck: it looks fixed', (t) => {
  t.deepEqual(judgeRepro(repro, held), { kind: 'not-reproduced' });
});

test('held with a fault that never struck: it proves nothing', (t) => {
  const outcome = judgeRepro(repro, { verdict: 'valid', strikes: [2, 0] } as never);
  t.deepEqual(outcome, { kind: 'stale', fault: 2, of: 2, text: 'loss at 1 ms, for 8 ms, oneIn 1' });
});

test('violated: the same, the same in other words, or something else', (t) => {
  const violated = (property: string, text: string): never =>
    ({ verdict: 'invalid', property, message: text, strikes: [0, 0] }) as never;
  const ledger = repro.expect.violates;
  t.deepEqual(judgeRepro(repro, violated(ledger, 'Record v9 was lost, and 7 more')), {
    kind: 'reproduced',
    isExact: true,
  });
  t.deepEqual(judgeRepro(repro, violated(ledger, 'Record v9 was lost')), {
    kind: 'reproduced',
    isExact: false,
  });
  t.like(judgeRepro(repro, violated(ledger, 'Record v9 was repeated')), {
    kind: 'different-violation',
  });
  t.like(judgeRepro(repro, violated('no-leftovers', message)), { kind: 'different-violation' });
});

test('a fault in words', (t) => {
  t.is(describeFault(kill), 'kill jm 5 ms after checkpoint-completed 2, downMs 1');
});
