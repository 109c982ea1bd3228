// What the command sees of checkpoints in Druid: the same as of those in files. Against the
// simulated Druid, over its HTTP.

import test from 'ava';
import { DruidJob } from '../../../engine/checkpoint/druid/testing/druid-job.ts';
import { keyedSample } from '../../../engine/checkpoint/druid/testing/keyed-sample.ts';
import {
  type ArtefactFault,
  examineCheckpoint,
  faultsOf,
} from '../../../engine/checkpoint/examine-checkpoint.ts';
import type { LocatedCheckpoint } from '../../../engine/checkpoint/locate-checkpoints.ts';
import type { Environment } from '../../../engine/environment/environment.ts';
import { RowDamage } from '../../../simulator/services/druid/row-damage.ts';
import { DruidWorld } from '../../druid/druid-world.ts';
import { openDruid } from './open-druid.ts';

const URL_OF_DRUID = 'druid://druid:8888';
const FLIGHTS = [
  { airport: 'HAM', count: 3 },
  { airport: 'SFO', count: 5 },
];

interface Stage {
  readonly world: DruidWorld;
  readonly environment: Environment;
  readonly damage: RowDamage;
}

/** Two checkpoints of one job, and a savepoint. */
async function stage(): Promise<Stage> {
  const damage = new RowDamage();
  const world = new DruidWorld({ druid: { damage } });
  const bench = await world.bench();
  const job = new DruidJob(bench, 'flights');
  const bytes = await keyedSample(FLIGHTS);
  for (const checkpoint of [1, 2]) {
    await job.publish(checkpoint, { keyed: [await job.stage(checkpoint, bytes)] });
  }
  const directory = '/savepoints/savepoint-one';
  await job.publish(3, { directory, keyed: [await job.stage(3, bytes, directory)] });
  return { world, environment: bench.environment, damage };
}

async function lookedAt(
  { world, environment }: Stage,
  path: string,
): Promise<ReadonlyMap<string, readonly ArtefactFault[]> | string> {
  const opened = openDruid(`${URL_OF_DRUID}${path}`, environment, undefined);
  const { reader, located } = await world.settle(opened);
  if (located.kind !== 'found') return located.kind;
  const faults = new Map<string, readonly ArtefactFault[]>();
  const checkpoints: readonly LocatedCheckpoint[] = located.groups.flatMap(
    (one) => one.checkpoints,
  );
  for (const { directory, name, number } of checkpoints) {
    const examining = examineCheckpoint({ reader, directory, expected: number });
    faults.set(name, faultsOf(await world.settle(examining)));
  }
  return faults;
}

test('a job, one of its checkpoints, and a savepoint are found and whole', async (t) => {
  const staged = await stage();
  const whole = (...names: readonly string[]) => new Map(names.map((name) => [name, []]));
  t.deepEqual(await lookedAt(staged, '/flights'), whole('chk-1', 'chk-2'));
  t.deepEqual(await lookedAt(staged, '/flights/'), whole('chk-1', 'chk-2'));
  t.deepEqual(await lookedAt(staged, '/flights/chk-2'), whole('chk-2'));
  t.deepEqual(await lookedAt(staged, '/flights/chk-2/_metadata'), whole('chk-2'));
  t.deepEqual(await lookedAt(staged, '/savepoints/savepoint-one'), whole('savepoint-one'));
});

test('what is not there is told', async (t) => {
  const staged = await stage();
  t.is(await lookedAt(staged, '/other'), 'missing');
  t.is(await lookedAt(staged, '/flights/chk-9'), 'missing');
  t.is(await lookedAt(staged, ''), 'no-checkpoint');
});

test('states are seen with their entries', async (t) => {
  const { world, environment } = await stage();
  const { reader } = await world.settle(
    openDruid(`${URL_OF_DRUID}/flights`, environment, undefined),
  );
  const examined = await world.settle(examineCheckpoint({ reader, directory: '/flights/chk-1' }));
  const states = examined.artefacts.flatMap(({ content }) => content?.states ?? []);
  t.deepEqual(
    states.map(({ name, kind, entries }) => [name, kind, entries]),
    [
      ['close', 'timers', 2],
      ['flights', 'value', 2],
      ['late', 'list', 2],
      ['seen', 'map', 2],
    ],
  );
});

test('damage to rows is named by the artefact that they are of', async (t) => {
  const staged = await stage();
  staged.damage.begin((_, row) => {
    const isMeant = row.get('checkpoint') === 2 && row.get('kind') !== 'metadata';
    return isMeant && row.get('part') === 1 ? [new Map([...row, ['bytes', 'AAAA']])] : undefined;
  });
  const faults = await lookedAt(staged, '/flights');
  if (typeof faults === 'string') return t.fail(faults);
  t.deepEqual(faults.get('chk-1'), []);
  const [fault, ...others] = faults.get('chk-2') ?? [];
  t.is(others.length, 0);
  t.regex(fault?.code ?? '', /OP-E50[23]/);
  t.regex(fault?.place ?? '', /\/flights\/chk-2\/.*keyed/);
});
