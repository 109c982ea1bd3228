// A suggestion is either the name that was meant, or none.

import test from 'ava';
import { didYouMean, nearest } from './nearest.ts';

const FLAGS = ['--seeds', '--seed', '--shard', '--grep', '--max-findings'];

test('nearest() finds the name behind a typing mistake', (t) => {
  t.is(nearest('--sedes', FLAGS), '--seeds');
  t.is(nearest('--max-finding', FLAGS), '--max-findings');
  t.is(nearest('repaly', ['run', 'replay', 'report']), 'replay');
});

test('nearest() finds a name that begins alike or holds the word', (t) => {
  const ids = ['sink/two-phase-commit', 'failover/keyed-count'];
  t.is(nearest('sink/2pc', ids), 'sink/two-phase-commit');
  t.is(nearest('keyed-count', ids), 'failover/keyed-count');
});

test('nearest() suggests nothing rather than anything', (t) => {
  t.is(nearest('zzz', FLAGS), undefined);
  t.is(nearest('', FLAGS), undefined);
  t.is(didYouMean('zzz', FLAGS), '');
  t.is(didYouMean('--sedes', FLAGS), '. Did you mean "--seeds"?');
});
