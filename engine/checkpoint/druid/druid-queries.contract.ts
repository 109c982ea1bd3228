// The queries of docs/druid-queries.md, as they stand there, against a Druid that knows all of its
// SQL: a real one. The simulated one knows only what the client asks.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

import { type DruidBench, DruidJob } from './testing/druid-job.ts';
import { type Flights, keyedSample } from './testing/keyed-sample.ts';

const GUIDE = fileURLToPath(new URL('../../../docs/druid-queries.md', import.meta.url));

export function druidQueriesContract(
  name: string,
  open: (t: ExecutionContext) => Promise<DruidBench>,
): void {
  test(`${name}: the queries of the guide answer what they say`, async (t) => {
    const job = new DruidJob(await open(t));
    await publish(job, 7, [
      { airport: 'EWR', count: 3 },
      { airport: 'JFK', count: 8 },
    ]);
    await publish(job, 8, [
      { airport: 'EWR', count: 4 },
      { airport: 'JFK', count: 8 },
      { airport: 'an airport with a long name', count: 1 },
    ]);
    const largest = await job.query(queryOf('largest-keys', job));
    t.like(largest[0], ['flights', 'an airport with a long name']);
    t.deepEqual(await job.query(queryOf('one-key', job)), [
      [7, '{"count":3,"last":"flight 3"}', 3],
      [8, '{"count":4,"last":"flight 4"}', 4],
    ]);
    const changed = await job.query(queryOf('difference', job));
    t.deepEqual(
      changed.filter((row) => Array.isArray(row) && row[0] === 'flights'),
      [
        ['flights', 'EWR', null, '{"count":3,"last":"flight 3"}', 7],
        ['flights', 'EWR', null, '{"count":4,"last":"flight 4"}', 8],
        ['flights', 'an airport with a long name', null, '{"count":1,"last":"flight 1"}', 8],
      ],
    );
  });
}

/** Resolves once it can be queried. */
async function publish(job: DruidJob, checkpoint: number, flights: readonly Flights[]) {
  const handle = await job.stage(checkpoint, await keyedSample(flights));
  await job.readMetadata(await job.publish(checkpoint, { keyed: [handle] }));
}

function queryOf(id: string, job: DruidJob): string {
  const guide = readFileSync(GUIDE, 'utf8');
  const [, sql = ''] = guide.split(`<!-- query: ${id} -->\n\`\`\`sql\n`);
  return (sql.split('```')[0] ?? '').replaceAll('onceproof_flights', job.datasource);
}
