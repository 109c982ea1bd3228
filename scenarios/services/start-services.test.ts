// A server is left out only for a program that is missing; every other reason is a failure.

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ServiceName, ServiceRecipe } from './service.ts';
import { startServices } from './start-services.ts';

const stopped: ServiceName[] = [];
const places: string[] = [];

function recipe(name: ServiceName, changes: Partial<ServiceRecipe> = {}): ServiceRecipe {
  return {
    name,
    needs: ['sh'],
    variable: `ONCEPROOF_TEST_${name}`,
    start: async ({ directory }) => {
      places.push(directory);
      await writeFile(join(directory, 'data'), 'some');
      const stop = async (): Promise<void> => {
        await Promise.resolve();
        stopped.push(name);
      };
      return { name, url: `${name}://here`, version: '1', variables: new Map(), stop };
    },
    ...changes,
  };
}

test('servers that run, that are left out and that fail are told apart', async (t) => {
  const lines: string[] = [];
  const failure = new Error('no luck\n  The end of the log');
  const services = await startServices(
    [
      recipe('hdfs'),
      recipe('druid', { needs: ['sh', 'onceproof-no-such-program'] }),
      recipe('s3', { start: () => Promise.reject(failure) }),
    ],
    (line) => lines.push(line),
  );
  t.deepEqual(
    services.running.map(({ url }) => url),
    ['hdfs://here'],
  );
  t.deepEqual(services.leftOut, [{ name: 'druid', missing: ['onceproof-no-such-program'] }]);
  t.deepEqual(services.failed, [{ name: 's3', problem: failure.message }]);
  t.true(lines.some((line) => line.includes('The end of the log')));
  t.true(places.every((place) => existsSync(place)));
  await services.stop();
  t.deepEqual(stopped, ['hdfs']);
  t.false(places.some((place) => existsSync(place)));
});

test('a server that runs already is used, and is not stopped', async (t) => {
  const variable = 'ONCEPROOF_TEST_GIVEN';
  process.env[variable] = 'druid://elsewhere';
  t.teardown(() => delete process.env[variable]);
  const services = await startServices([recipe('druid', { variable })], () => undefined);
  t.deepEqual(
    services.running.map(({ url }) => url),
    ['druid://elsewhere'],
  );
  await services.stop();
  t.false(stopped.includes('druid'));
});
