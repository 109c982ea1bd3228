// The simulated Druid as its clients see it: what it promises of tasks, segments and queries, also
// across crashes.

import test, { type ExecutionContext } from 'ava';

import { present } from '../../../engine/core/assert.ts';
import type { HttpClient } from '../../../engine/environment/http-client.ts';
import { address } from '../../../engine/environment/network.ts';
import { SimulatedDisk } from '../../filesystem/simulated-disk.ts';
import { macrotask } from '../../kernel/macrotask.ts';
import { describeOutcome } from '../../kernel/outcome.ts';
import { SeededRandom } from '../../random.ts';
import { World } from '../../world.ts';
import { bootDruid } from './boot-druid.ts';
import { intervalText } from './intervals.ts';
import { at, listAt, parseJson, textAt } from './json.ts';
import type { SimulatedDruidOptions } from './simulated-druid.ts';
import { utf8ToText } from './utf8.ts';

const SEED = '000000000000d00d';
const druid = address('druid');
const MINUTE_MS = 60_000;
const BOOT_MS = 500;

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

interface SpecOptions {
  readonly id: string;
  readonly minute?: number;
  readonly names?: readonly string[];
  readonly isAppend?: boolean;
  readonly copyFrom?: string;
  readonly datasource?: string;
}

class Stage {
  readonly world = new World({ seed: SEED, drain: macrotask });
  #http: HttpClient | undefined;

  constructor(options: SimulatedDruidOptions = {}) {
    const disk = new SimulatedDisk({ random: new SeededRandom(SEED).fork('disk') });
    this.world.addHost(druid, { disk, boot: (environment) => bootDruid(environment, options) });
    this.world.addHost(address('client'), {
      boot: (environment) => {
        this.#http = environment.services.http;
      },
    });
  }

  async pass(ms: number): Promise<void> {
    let isOver = false;
    this.world.at(this.world.nowMs + ms, 'time has passed', () => {
      isOver = true;
    });
    await this.world.run({ until: () => isOver, deadlineMs: this.world.nowMs + ms });
  }

  async ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    // It reads its disk before it answers.
    if (this.world.nowMs < BOOT_MS) await this.pass(BOOT_MS);
    const content = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
    const request = { method, url: `http://druid:8888/druid/${path}`, ...content };
    const response = await this.#settle(present(this.#http, 'No client').send(request));
    const text = utf8ToText(response.body);
    return { status: response.status, json: parseJson(text) ?? text };
  }

  async #settle<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const noted = () => {
      isSettled = true;
    };
    promise.then(noted, noted);
    const deadlineMs = this.world.nowMs + 120_000;
    const outcome = await this.world.run({ until: () => isSettled, deadlineMs });
    if (outcome.kind !== 'reached') throw new Error(describeOutcome(outcome));
    return promise;
  }

  submit(options: SpecOptions): Promise<Answer> {
    return this.ask('POST', 'indexer/v1/task', specOf(options));
  }

  async ended(id: string): Promise<string> {
    for (;;) {
      const { json } = await this.ask('GET', `indexer/v1/task/${id}/status`);
      const status = textAt(json, 'status', 'statusCode') ?? 'UNKNOWN';
      if (status !== 'RUNNING') return status;
      await this.pass(100);
    }
  }

  async ingest(options: SpecOptions): Promise<void> {
    await this.submit(options);
    await this.ended(options.id);
  }

  async versions(datasource = 'flights'): Promise<readonly (string | undefined)[]> {
    const path = `coordinator/v1/metadata/datasources/${datasource}/segments?full`;
    const { json } = await this.ask('POST', path, ['1970-01-01/2000-01-01']);
    return listAt(json).map((segment) => textAt(segment, 'version'));
  }

  async names(): Promise<unknown> {
    const query = 'SELECT "name" FROM "flights"';
    const { json } = await this.ask('POST', 'v2/sql', { query, resultFormat: 'array' });
    return Array.isArray(json) ? json.map(String).toSorted(byCodeUnits) : at(json, 'errorMessage');
  }
}

function byCodeUnits(left: string, right: string): number {
  return left < right ? -1 : 1;
}

function specOf(options: SpecOptions): object {
  const { id, minute = 1, names = ['a'], isAppend = false, copyFrom } = options;
  const interval = intervalText({ startMs: minute * MINUTE_MS, endMs: (minute + 1) * MINUTE_MS });
  const lines = names.map((name) => JSON.stringify({ __time: minute * MINUTE_MS + 5_000, name }));
  const inline = { type: 'inline', data: lines.join('\n') };
  const filter = { type: 'in', dimension: 'name', values: names };
  const copy = { type: 'druid', dataSource: copyFrom, interval, filter };
  return {
    type: 'index_parallel',
    id,
    spec: {
      dataSchema: {
        dataSource: options.datasource ?? 'flights',
        timestampSpec: { column: '__time', format: 'millis' },
        dimensionsSpec: { dimensions: [{ type: 'string', name: 'name' }] },
        granularitySpec: {
          segmentGranularity: 'MINUTE',
          queryGranularity: 'MINUTE',
          rollup: false,
          intervals: [interval],
        },
      },
      ioConfig: {
        inputSource: copyFrom === undefined ? inline : copy,
        inputFormat: { type: 'json' },
        appendToExisting: isAppend,
      },
    },
  };
}

test('a task id can be had once, whatever becomes of the task or the server', async (t) => {
  const stage = new Stage();
  t.deepEqual(await stage.submit({ id: 'one' }), { status: 200, json: { task: 'one' } });
  await refused(t, stage);
  t.is(await stage.ended('one'), 'SUCCESS');
  await refused(t, stage);
  stage.world.crash(druid);
  stage.world.restart(druid);
  await stage.pass(1_000);
  await refused(t, stage);
});

async function refused(t: ExecutionContext, stage: Stage): Promise<void> {
  const again = await stage.submit({ id: 'one', names: ['other'] });
  t.is(again.status, 400);
  t.is(at(again.json, 'errorCode'), 'entryAlreadyExists');
}

test('rows can be queried some time after they were published', async (t) => {
  const stage = new Stage({ lag: { minMs: 5_000, maxMs: 5_000 } });
  await stage.ingest({ id: 'one', names: ['a', 'b'] });
  t.is((await stage.versions()).length, 1);
  t.regex(String(await stage.names()), /Object 'flights' not found/);
  await stage.pass(11_000);
  t.deepEqual(await stage.names(), ['a', 'b']);
});

test('a newer version takes the place of an older one in one step', async (t) => {
  const stage = new Stage();
  await stage.ingest({ id: 'one', names: ['a', 'b'] });
  await stage.pass(10_000);
  await stage.ingest({ id: 'two', names: ['c'] });
  const seen = new Set<string>();
  for (let time = 0; time < 30; time += 1) {
    seen.add(String(await stage.names()));
    await stage.pass(100);
  }
  t.deepEqual([...seen], ['a,b', 'c']);
  const [older = '', newer = ''] = await stage.versions();
  t.true(older < newer);
});

test('what is appended becomes part of the version that is there', async (t) => {
  const stage = new Stage();
  await stage.ingest({ id: 'one', names: ['a'] });
  await stage.ingest({ id: 'two', names: ['b'], isAppend: true });
  t.is(new Set(await stage.versions()).size, 1);
  await stage.pass(10_000);
  t.deepEqual(await stage.names(), ['a', 'b']);
});

test('a copy takes the rows that match, as they are published, visible or not', async (t) => {
  const stage = new Stage({ lag: { minMs: 100_000, maxMs: 100_000 } });
  await stage.ingest({ id: 'one', datasource: 'staging', names: ['a', 'b', 'c'] });
  await stage.ingest({ id: 'two', copyFrom: 'staging', names: ['a', 'c', 'x'] });
  await stage.pass(300_000);
  t.deepEqual(await stage.names(), ['a', 'c']);
  const report = await stage.ask('GET', 'indexer/v1/task/two/reports');
  const path = ['ingestionStatsAndErrors', 'payload', 'rowStats', 'buildSegments', 'processed'];
  t.is(at(report.json, ...path), 2);
});

test('tasks on the same chunk wait for each other, others do not', async (t) => {
  const stage = new Stage({ work: { minMs: 10_000, maxMs: 10_000 } });
  await stage.submit({ id: 'one' });
  await stage.submit({ id: 'two' });
  await stage.submit({ id: 'three', minute: 2 });
  await stage.pass(1_000);
  const idsIn = async (state: string) => {
    const { json } = await stage.ask('GET', `indexer/v1/tasks?state=${state}&datasource=flights`);
    return listAt(json).map((task) => textAt(task, 'id'));
  };
  t.deepEqual(await idsIn('running'), ['one', 'three']);
  t.deepEqual(await idsIn('waiting'), ['two']);
  t.is(await stage.ended('two'), 'SUCCESS');
});

test('a task that was stopped publishes nothing', async (t) => {
  const stage = new Stage({ work: { minMs: 10_000, maxMs: 10_000 } });
  await stage.submit({ id: 'one' });
  await stage.ask('POST', 'indexer/v1/task/one/shutdown');
  t.is(await stage.ended('one'), 'FAILED');
  await stage.pass(30_000);
  t.deepEqual(await stage.versions(), []);
});

test('segments that are marked unused count no more, and can be killed', async (t) => {
  const stage = new Stage();
  await stage.ingest({ id: 'one' });
  const interval = '1970-01-01T00:01:00.000Z/1970-01-01T00:02:00.000Z';
  const part = await stage.ask('POST', 'indexer/v1/datasources/flights/markUnused', {
    interval: '1970-01-01T00:01:30.000Z/1970-01-01T00:02:00.000Z',
  });
  t.is(at(part.json, 'numChangedSegments'), 0);
  await stage.ask('POST', 'coordinator/v1/datasources/flights/markUnused', { interval });
  t.deepEqual(await stage.versions(), []);
  const path = `coordinator/v1/datasources/flights/intervals/${interval.replace('/', '_')}`;
  t.is((await stage.ask('DELETE', path)).status, 200);
  await stage.ingest({ id: 'two', names: ['b'] });
  await stage.pass(10_000);
  t.deepEqual(await stage.names(), ['b']);
});

test('a crash loses nothing that was answered, and every task ends', async (t) => {
  const stage = new Stage({ work: { minMs: 2_000, maxMs: 2_000 } });
  await stage.ingest({ id: 'done', names: ['a'] });
  const before = await stage.versions();
  const ids = Array.from({ length: 8 }, (_, index) => `task-${index}`);
  for (const [index, id] of ids.entries()) await stage.submit({ id, minute: 10 + index });
  stage.world.crash(druid);
  stage.world.restart(druid);
  await stage.pass(500);
  t.true((await stage.versions()).includes(before[0]));
  const ends = new Set<string>();
  for (const id of ids) ends.add(await stage.ended(id));
  t.deepEqual([...ends].toSorted(), ['FAILED', 'SUCCESS']);
});

test('what it does not model is refused', async (t) => {
  const stage = new Stage();
  t.is((await stage.ask('POST', 'indexer/v1/task', { type: 'compact', id: 'x' })).status, 400);
  t.is(
    (await stage.ask('POST', 'indexer/v1/task', { ...specOf({ id: 'x' }), spec: {} })).status,
    400,
  );
  t.is((await stage.ask('GET', 'indexer/v1/task/x/status')).status, 404);
  t.is((await stage.ask('GET', 'coordinator/v1/rules')).status, 404);
  t.is((await stage.ask('POST', 'v2/sql', { query: 'DROP TABLE x' })).status, 400);
});
