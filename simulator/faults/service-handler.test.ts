// Service faults of a plan must strike the service of their host, in their windows, and be counted.

import test from 'ava';
import { HttpError } from '../../engine/environment/http-client.ts';
import { address } from '../../engine/environment/network.ts';
import { macrotask } from '../kernel/macrotask.ts';
import { serveHttp } from '../services/serve-http.ts';
import { ServiceFaults } from '../services/service-faults.ts';
import { World } from '../world.ts';
import { applyPlan } from './apply-plan.ts';
import type { Fault } from './fault.ts';
import { serviceHandler } from './service-handler.ts';

const [client, store] = [address('tm-1'), address('store')];
const OK = { status: 200, headers: new Map<string, string>(), body: new Uint8Array() };

test('service faults hit in their windows only, through restarts, and are counted', async (t) => {
  const world = new World({ seed: '00000000000000d2', drain: macrotask });
  const serviceFaults = new ServiceFaults();
  const seen = new Map<number, Set<string>>();
  let doneCount = 0;
  let answeredCount = 0;
  world.addHost(store, {
    boot: (environment) => {
      const handle = () => {
        doneCount += 1;
        return OK;
      };
      serveHttp(environment, { handle }, { faults: serviceFaults });
    },
  });
  world.addHost(client, {
    boot: (environment) => {
      const { clock, services } = environment;
      const note = (what: string) => {
        const window = Math.floor(world.nowMs / 100);
        seen.set(window, (seen.get(window) ?? new Set()).add(what));
        if (what === '200') answeredCount += 1;
      };
      const ask = () => {
        environment.expectContinuations();
        services.http.send({ method: 'GET', url: 'http://store/' }).then(
          ({ status }) => note(String(status)),
          (error: unknown) => note(error instanceof HttpError ? error.failure : String(error)),
        );
        clock.schedule(5, ask);
      };
      clock.schedule(5, ask);
    },
  });
  const common = { host: store, oneIn: 1 };
  const faults: readonly Fault[] = [
    { kind: 'http-error', ...common, fromMs: 105, toMs: 195, answer: 'throttled' },
    { kind: 'http-lost', ...common, fromMs: 280, toMs: 410 },
    { kind: 'http-error', ...common, fromMs: 490, toMs: 9_999, answer: 'unavailable', oneIn: 2 },
    { kind: 'http-lost', ...common, fromMs: 490, toMs: 9_999, host: client },
    { kind: 'crash', host: store, atMs: 120, downMs: 0 },
  ];
  const handlers = {
    service: serviceHandler((host) => (host === store ? serviceFaults : undefined)),
  };
  const { counts } = applyPlan(world, { healAtMs: 590, faults }, handlers);
  await world.run({ until: () => false, deadlineMs: 780 });
  t.deepEqual([...(seen.get(0) ?? [])], ['200']);
  t.true(seen.get(1)?.has('429'));
  t.deepEqual([...(seen.get(3) ?? [])], ['lost']);
  t.deepEqual([...(seen.get(5) ?? [])].sort(), ['200', '503']);
  t.deepEqual([...(seen.get(6) ?? [])].sort(), ['200']);
  const [throttled = 0, lost = 0, unavailable = 0, elsewhere] = counts.byFault();
  t.true(throttled > 10 && lost > 10 && unavailable > 3);
  t.is(elsewhere, 0);
  t.true(doneCount >= answeredCount + lost);
});
