// Counts tell planned from injected, for each kind and for each fault.

import test from 'ava';
import { address } from '../../engine/environment/network.ts';
import { FAULT_KINDS } from './fault.ts';
import { FaultCounts } from './fault-counts.ts';

test('rows() has every kind, with what was planned and what really hit', (t) => {
  const host = address('tm-1');
  const counts = new FaultCounts([
    { kind: 'pause', host, atMs: 1, forMs: 1 },
    { kind: 'loss', fromMs: 1, toMs: 2, oneIn: 2 },
    { kind: 'pause', host, atMs: 9, forMs: 1 },
  ]);
  counts.inject(1);
  counts.inject(1);
  counts.inject(2);
  t.deepEqual(
    counts.rows().map(({ kind }) => kind),
    [...FAULT_KINDS],
  );
  t.deepEqual(
    counts.rows().filter(({ planned }) => planned > 0),
    [
      { kind: 'pause', planned: 2, injected: 1 },
      { kind: 'loss', planned: 1, injected: 2 },
    ],
  );
  t.deepEqual(counts.byFault(), [0, 2, 1]);
});
