// What checkpoints in Druid must be, against any Druid: a real one, and the simulated one.

import test, { type ExecutionContext } from 'ava';

import { crc32c } from '../../core/crc32c.ts';
import { checkpointId } from '../../core/ids.ts';
import type { StateHandle } from '../../state/state-handle.ts';
import { DruidJob, type DruidBench, type JobOptions } from './testing/druid-job.ts';
import { keyedSample } from './testing/keyed-sample.ts';

export type OpenDruid = (t: ExecutionContext) => Promise<DruidBench>;

export function druidStorageContract(name: string, open: OpenDruid): void {
  artefactContract(name, open);
  publishContract(name, open);
  queryContract(name, open);
  deletionContract(name, open);
}

function artefactContract(name: string, open: OpenDruid): void {
  test(`${name}: artefacts of any length come back as they were, once published`, async (t) => {
    const job = await jobOf(t, open);
    const sizes = [0, 1, 65_536, 65_537, 300_000];
    const artefacts = sizes.map((size) => bytesOf(size, size));
    const handles: StateHandle[] = [];
    for (const bytes of artefacts) handles.push(await job.stage(3, bytes));
    const pointer = await job.publish(3, { keyed: handles });
    t.deepEqual(await job.readMetadata(pointer), job.metadata(3, { keyed: handles }));
    for (const [index, handle] of handles.entries()) {
      t.is(handle.kind, 'file');
      t.deepEqual(await job.read(handle), artefacts[index]);
    }
  });

  test(`${name}: an artefact and metadata of several tasks come back whole`, async (t) => {
    const job = await jobOf(t, open, { druid: { taskBytes: 70_000 } });
    const bytes = bytesOf(150_000, 7);
    const handle = await job.stage(1, bytes);
    const inline = inlineOf(bytesOf(90_000, 5));
    const pointer = await job.publish(1, { keyed: [handle, inline] });
    t.deepEqual(await job.read(handle), bytes);
    t.deepEqual(await job.readMetadata(pointer), job.metadata(1, { keyed: [handle, inline] }));
  });

  test(`${name}: what is missing, cut or altered is named`, async (t) => {
    const job = await jobOf(t, open);
    const handle = await job.stage(1, bytesOf(1000, 1));
    if (handle.kind !== 'file') return t.fail('Not in rows');
    await job.publish(1, { keyed: [handle] });
    await job.read(handle);
    const wrong = (changes: Partial<typeof handle>) => job.read({ ...handle, ...changes });
    const { path } = handle;
    await refuses(t, wrong({ path: path.replace('keyed', 'absent') }), 'OP-E501');
    await refuses(t, wrong({ path: path.replace(/~\d+$/, '~9') }), 'OP-E502');
    await refuses(t, wrong({ sizeBytes: 1001 }), 'OP-E502');
    await refuses(t, wrong({ checksum: 1 }), 'OP-E503');
    await refuses(t, wrong({ path: path.replace('chk-1', 'chk-2') }), 'OP-E501');
    await refuses(t, wrong({ path: '/nowhere' }), 'OP-E501');
    await refuses(t, job.readMetadata(`/${job.id}/chk-2`), 'OP-E501');
  });
}

function publishContract(name: string, open: OpenDruid): void {
  test(`${name}: nobody sees anything of a checkpoint before it is published`, async (t) => {
    const job = await jobOf(t, open);
    const handle = await job.stage(1, bytesOf(100_000, 1));
    t.deepEqual(await job.checkpoints(), []);
    t.deepEqual(await job.rowCount(), []);
    await refuses(t, job.read(handle), 'OP-E501');
    await job.publish(1, { keyed: [handle] });
    t.deepEqual(await job.checkpoints(), [1]);
    await job.read(handle);
  });

  test(`${name}: what no checkpoint refers to is not published with it`, async (t) => {
    const job = await jobOf(t, open);
    const [kept, abandoned] = [
      await job.stage(1, bytesOf(10, 1)),
      await job.stage(1, bytesOf(9, 2)),
    ];
    await job.publish(1, { keyed: [kept] });
    await job.read(kept);
    await refuses(t, job.read(abandoned), 'OP-E501');
  });

  test(`${name}: the same metadata may be published again, other metadata may not`, async (t) => {
    const job = await jobOf(t, open);
    const keyed = [await job.stage(2, bytesOf(100, 1))];
    const pointer = await job.publish(2, { keyed });
    t.is(await job.publish(2, { keyed }), pointer);
    await refuses(t, job.publish(2, { keyed, timestampMs: 99 }), 'OP-E507');
    t.deepEqual(await job.readMetadata(pointer), job.metadata(2, { keyed }));
    t.deepEqual(await job.checkpoints(), [2]);
  });

  test(`${name}: a checkpoint whose staged rows are gone is not published`, async (t) => {
    const job = await jobOf(t, open);
    const keyed = [await job.stage(1, bytesOf(100, 1)), await job.stage(1, bytesOf(100, 2))];
    await job.settle(job.client.markUnused(`${job.datasource}.staging`));
    await refuses(t, job.publish(1, { keyed }), 'OP-E507');
    t.deepEqual(await job.checkpoints(), []);
  });

  test(`${name}: of several JobManagers at once, one publishes a checkpoint`, async (t) => {
    const bench = await open(t);
    const first = new DruidJob(bench);
    const jobs = [first, new DruidJob(bench, first.id), new DruidJob(bench, first.id)];
    const published = await bench.settle(
      Promise.allSettled(jobs.map((job, index) => job.publishing(5, { timestampMs: index }))),
    );
    for (const outcome of published) {
      if (outcome.status === 'rejected') t.like(outcome.reason, { code: 'OP-E507' });
    }
    const winners = published.flatMap(({ status }, index) => (status === 'fulfilled' ? index : []));
    t.is(winners.length, 1);
    const metadata = first.metadata(5, { timestampMs: winners[0] ?? -1 });
    t.deepEqual(await first.readMetadata(`/${first.id}/chk-5`), metadata);
  });
}

function queryContract(name: string, open: OpenDruid): void {
  test(`${name}: entries of keyed state are rows that people can read`, async (t) => {
    const job = await jobOf(t, open);
    const sample = await keyedSample([
      { airport: 'EWR', count: 3 },
      { airport: 'JFK', count: 8 },
    ]);
    const handle = await job.stage(4, sample);
    await job.publish(4, { keyed: [handle] });
    t.deepEqual(await job.read(handle), sample);
    t.deepEqual(await readable(job, 'EWR'), [
      [4, 2, 'value', 'flights', null, '{"count":3,"last":"flight 3"}'],
      [4, 2, 'list', 'late', '{"start":0,"end":60000}', '[3]'],
      [4, 2, 'map', 'seen', null, '{"tail":[3,null]}'],
      [4, 2, 'timers', 'close', '{"start":0,"end":60000}', '60000'],
    ]);
  });

  test(`${name}: keyed state inside the metadata can be read as well`, async (t) => {
    const job = await jobOf(t, open, { inlineBelowBytes: 100_000 });
    const handle = await job.stage(4, await keyedSample([{ airport: 'EWR', count: 3 }]));
    t.is(handle.kind, 'inline');
    await job.readMetadata(await job.publish(4, { keyed: [handle] }));
    t.is((await readable(job, 'EWR')).length, 4);
  });
}

function deletionContract(name: string, open: OpenDruid): void {
  test(`${name}: checkpoints are listed in order, and discarded ones are not`, async (t) => {
    const job = await jobOf(t, open);
    for (const checkpoint of [10, 9, 2]) await job.publish(checkpoint);
    t.deepEqual(await job.checkpoints(), [2, 9, 10]);
    await job.discard(9);
    await job.discard(5);
    t.deepEqual(await job.checkpoints(), [2, 10]);
    await refuses(t, confirm(job, 9), 'OP-E501');
    await confirm(job, 10);
  });

  test(`${name}: a sweep leaves what is retained, and what is newer`, async (t) => {
    const bench = await open(t);
    const job = new DruidJob(bench);
    for (const checkpoint of [1, 2, 3, 4]) await job.publish(checkpoint);
    const later = await job.stage(5, bytesOf(100, 1));
    await bench.settle(
      job.coordinator.sweep(job.id, [checkpointId(2), checkpointId(3)], new Set(), checkpointId(3)),
    );
    t.deepEqual(await job.checkpoints(), [2, 3, 4]);
    await job.publish(5, { keyed: [later] });
    t.deepEqual(await job.read(later), bytesOf(100, 1));
  });

  test(`${name}: a job that was removed may begin anew under its name`, async (t) => {
    const bench = await open(t);
    const before = new DruidJob(bench);
    const old = await before.stage(1, bytesOf(100, 1));
    await before.publish(1, { keyed: [old] });
    await bench.settle(before.coordinator.removeJob(before.id));
    t.deepEqual(await before.checkpoints(), []);
    const after = new DruidJob(bench, before.id);
    const handle = await after.stage(1, bytesOf(100, 2));
    const pointer = await after.publish(1, { keyed: [handle], timestampMs: 2 });
    t.deepEqual(await after.read(handle), bytesOf(100, 2));
    const metadata = after.metadata(1, { keyed: [handle], timestampMs: 2 });
    t.deepEqual(await after.readMetadata(pointer), metadata);
  });

  test(`${name}: a savepoint outlives its job`, async (t) => {
    const bench = await open(t);
    const job = new DruidJob(bench);
    const savepoint = job.coordinator.initializeSavepoint(job.id, '/savepoints', job.id);
    const directory = await bench.settle(savepoint);
    const handle = await job.stage(3, bytesOf(100, 3), directory);
    const pointer = await job.publish(3, { keyed: [handle], directory });
    t.is(job.coordinator.pathOf(pointer), directory);
    t.regex(pointer, /^druid:\/\//);
    await bench.settle(job.coordinator.removeJob(job.id));
    const metadata = job.metadata(3, { keyed: [handle], directory });
    t.deepEqual(await job.readMetadata(`${directory}/_metadata`), metadata);
    t.deepEqual(await job.read(handle), bytesOf(100, 3));
    t.deepEqual(await job.checkpoints(), []);
  });
}

async function jobOf(t: ExecutionContext, open: OpenDruid, options?: JobOptions) {
  return new DruidJob(await open(t), undefined, options);
}

/** In an order of its own: Druid sorts by nothing but time. */
async function readable(job: DruidJob, key: string): Promise<readonly unknown[]> {
  const columns = ['checkpoint', 'subtask', 'kind', 'state', 'namespace', 'value'];
  const names = columns.map((column) => `"${column}"`).join(', ');
  const rows = await job.query(
    `SELECT ${names} FROM "${job.datasource}" WHERE "key" = '${key}' AND "operator" IS NOT NULL`,
  );
  const order = ['flights', 'late', 'seen', 'close'];
  const placeOf = (row: unknown) => order.indexOf(String(Array.isArray(row) ? row[3] : ''));
  return rows.toSorted((left, right) => placeOf(left) - placeOf(right));
}

async function confirm(job: DruidJob, checkpoint: number): Promise<void> {
  await job.settle(job.coordinator.confirm(job.id, checkpointId(checkpoint)));
}

async function refuses(t: ExecutionContext, work: Promise<unknown>, code: string): Promise<void> {
  await t.throwsAsync(work, { code });
}

function inlineOf(bytes: Uint8Array): StateHandle {
  return { kind: 'inline', bytes, sizeBytes: bytes.length, checksum: crc32c(bytes) };
}

function bytesOf(size: number, salt: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8) + salt) & 0xff);
}
