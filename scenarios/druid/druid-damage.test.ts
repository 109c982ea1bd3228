// Every kind of damage to the rows of a checkpoint: it is found before anything is restored, named,
// and refused; with the user's leave the job goes back to the checkpoint before.

import test, { type ExecutionContext } from 'ava';

import { DruidJob } from '../../engine/checkpoint/druid/testing/druid-job.ts';
import { recoverCheckpoints } from '../../engine/checkpoint/recover-checkpoints.ts';
import { present } from '../../engine/core/assert.ts';
import { checkpointId } from '../../engine/core/ids.ts';
import type { StateHandle } from '../../engine/state/state-handle.ts';
import type { Cell, Row } from '../../simulator/services/druid/records.ts';
import { RowDamage } from '../../simulator/services/druid/row-damage.ts';
import { DruidWorld } from './druid-world.ts';

const BYTES = 150_000;

interface Case {
  readonly name: string;
  /** Of rows of checkpoint 2: 'bytes' or 'metadata'. */
  readonly kind: 'bytes' | 'metadata';
  /** `other`: the same row of checkpoint 1. */
  readonly damage: (row: Row, other: Row) => readonly Row[];
  readonly problem: RegExp;
}

function withCell(row: Row, name: string, cell: Cell): Row {
  return new Map([...row, [name, cell]]);
}

function bytesOf(row: Row): string {
  return String(row.get('bytes'));
}

/** One bit of one byte in the middle of the row. */
function flipped(row: Row): Row {
  const bytes = Buffer.from(bytesOf(row), 'base64');
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 8;
  return withCell(row, 'bytes', bytes.toString('base64'));
}

function shortened(row: Row): Row {
  const bytes = Buffer.from(bytesOf(row), 'base64');
  return withCell(row, 'bytes', bytes.subarray(0, -1).toString('base64'));
}

function isLast(row: Row): boolean {
  return row.get('part') === Math.ceil(BYTES / 65_536) - 1;
}

const swapped = (row: Row, other: Row): readonly Row[] => [withCell(row, 'bytes', bytesOf(other))];

const CASES: readonly Case[] = [
  { name: 'a flipped bit', kind: 'bytes', damage: (row) => [flipped(row)], problem: /OP-E503/ },
  {
    name: 'a last row that is missing',
    kind: 'bytes',
    damage: (row) => (isLast(row) ? [] : [row]),
    problem: /OP-E502 .*2 of 3 rows/,
  },
  {
    name: 'rows that are cut',
    kind: 'bytes',
    damage: (row) => [shortened(row)],
    problem: /OP-E502/,
  },
  { name: 'rows that are gone', kind: 'bytes', damage: () => [], problem: /OP-E501/ },
  {
    name: 'rows that are there twice',
    kind: 'bytes',
    damage: (row) => [row, row],
    problem: /OP-E503/,
  },
  { name: 'rows of another checkpoint', kind: 'bytes', damage: swapped, problem: /OP-E503/ },
  {
    name: 'bytes that are no base64',
    kind: 'bytes',
    damage: (row) => [withCell(row, 'bytes', `${bytesOf(row).slice(0, -4)}?===`)],
    problem: /OP-E503/,
  },
  {
    name: 'metadata with a flipped bit',
    kind: 'metadata',
    damage: (row) => [flipped(row)],
    problem: /OP-E503/,
  },
  {
    name: 'metadata that is cut',
    kind: 'metadata',
    damage: (row) => [shortened(row)],
    problem: /OP-E502/,
  },
  { name: 'metadata that is gone', kind: 'metadata', damage: () => [], problem: /OP-E501/ },
  {
    name: 'metadata that is there twice',
    kind: 'metadata',
    damage: (row) => [row, row],
    problem: /OP-E503/,
  },
  {
    name: 'metadata of another checkpoint',
    kind: 'metadata',
    damage: swapped,
    problem: /it is the metadata of checkpoint 1/,
  },
];

for (const one of CASES) {
  test(`${one.name}: refused and named, and survived with the user's leave`, async (t) => {
    const stage = await twoCheckpoints(t);
    stage.damage.begin((_datasource, row) => {
      const isMeant = row.get('checkpoint') === 2 && row.get('kind') === one.kind;
      return isMeant ? one.damage(row, stage.counterpart(row)) : undefined;
    });
    const refused = await stage.recover(false);
    if (refused.kind !== 'refused') return t.fail(`Not refused: ${refused.kind}`);
    t.is(refused.error.code, 'OP-E505');
    t.regex(refused.error.message, one.problem);
    t.true(refused.error.place?.includes('/job/chk-2/'), refused.error.place);
    const fallen = await stage.recover(true);
    t.is(fallen.kind === 'restore' ? fallen.checkpoint.id : undefined, checkpointId(1));
  });
}

test('damage to what only people read changes nothing', async (t) => {
  const stage = await twoCheckpoints(t);
  stage.damage.begin((_datasource, row) => {
    return row.has('bytes') ? [new Map([...row, ['value', 'nonsense'], ['key', 'x']])] : [];
  });
  const recovered = await stage.recover(false);
  t.is(recovered.kind === 'restore' ? recovered.checkpoint.id : undefined, checkpointId(2));
});

async function twoCheckpoints(t: ExecutionContext) {
  const damage = new RowDamage();
  const druid = new DruidWorld({ druid: { damage } });
  const job = new DruidJob(await druid.bench(), 'job');
  const handles: StateHandle[] = [];
  for (const checkpoint of [1, 2]) {
    const bytes = Uint8Array.from({ length: BYTES }, (_, at) => (at * checkpoint) & 0xff);
    const handle = await job.stage(checkpoint, bytes);
    await job.readMetadata(await job.publish(checkpoint, { keyed: [handle] }));
    handles.push(handle);
  }
  const rows = new Map<string, Row>();
  const idOf = (row: Row) => `${row.get('kind')} ${row.get('part')}`;
  const end = damage.begin((_datasource, row) => {
    if (row.get('checkpoint') === 1) rows.set(idOf(row), row);
    return undefined;
  });
  await job.rowCount();
  end();
  t.true(rows.size >= 5);
  return {
    damage,
    counterpart: (row: Row) => present(rows.get(idOf(row)), `Cannot find ${idOf(row)}`),
    recover: async (allowFallback: boolean) => {
      const read = (handle: StateHandle) => job.worker.read(handle);
      const options = { storage: job.coordinator, job: job.id, read, allowFallback };
      return (await job.settle(recoverCheckpoints(options))).decision;
    },
  };
}
