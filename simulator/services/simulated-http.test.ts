// HTTP in a world: the contract, then what the world does to it. A request must be carried out at
// most once in one life of its server, and exactly once if it was answered.

import test from 'ava';

import {
  echo,
  type HttpBench,
  httpClientContract,
} from '../../engine/environment/http-client.contract.ts';
import { type HttpClient, HttpError } from '../../engine/environment/http-client.ts';
import { address } from '../../engine/environment/network.ts';
import { installGuard } from '../guard/guard.ts';
import { macrotask } from '../kernel/macrotask.ts';
import { describeOutcome } from '../kernel/outcome.ts';
import { clogged } from '../link-rules.ts';
import { duplicating, lossy, reordering } from '../network-rules.ts';
import { World } from '../world.ts';
import type { HttpService } from './http-service.ts';
import { serveHttp } from './serve-http.ts';
import { ServiceFaults } from './service-faults.ts';

const [client, server] = [address('tm-1'), address('store')];
const OK = { status: 200, headers: new Map<string, string>(), body: new Uint8Array() };

httpClientContract('SimulatedHttpClient', openBench);
httpClientContract('SimulatedHttpClient on bad links', async () => {
  const bench = await openBench();
  bench.world.network.addRule(lossy(bench.world.random, 5));
  bench.world.network.addRule(duplicating(bench.world.random, 3, 500));
  bench.world.network.addRule(reordering(bench.world.random, 3, 500));
  return bench;
});

async function openBench(): Promise<HttpBench & { readonly world: World }> {
  const { world, http } = worldOf('00000000000000b7');
  let brokenCount = 0;
  const faults = new ServiceFaults();
  faults.begin({ effect: 'lost', oneIn: 1, random: world.random });
  world.addHost(server, {
    boot: (environment) => {
      serveHttp(environment, { handle: echo });
      serveHttp(environment, { handle: () => new Promise(() => undefined) }, { port: 81 });
      const broken = {
        handle: () => {
          brokenCount += 1;
          return OK;
        },
      };
      serveHttp(environment, broken, { port: 82, faults });
    },
  });
  return {
    world,
    client: http(),
    echoUrl: 'http://store:80',
    silentUrl: 'http://store:81',
    brokenUrl: 'http://store:82',
    refusedUrl: 'http://nobody:83',
    brokenCount: () => brokenCount,
    settle: (promise) => settle(world, promise),
  };
}

interface Bench {
  readonly world: World;
  /** As the latest life of `tm-1` has it. */
  readonly http: () => HttpClient;
}

function worldOf(seed: string): Bench {
  const world = new World({ seed, drain: macrotask });
  let http: HttpClient | undefined;
  world.addHost(client, {
    boot: (environment) => {
      http = environment.services.http;
    },
  });
  const present = (): HttpClient => ({
    send: (request) => {
      // As a step of the host, not between two of them.
      return new Promise((resolve, reject) => {
        world.at(world.nowMs, 'send', () => {
          http?.send(request).then(resolve, reject);
        });
      });
    },
  });
  return { world, http: present };
}

async function settle<T>(world: World, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const noted = () => {
    isSettled = true;
  };
  promise.then(noted, noted);
  const outcome = await world.run({ until: () => isSettled, deadlineMs: world.nowMs + 600_000 });
  if (outcome.kind !== 'reached') throw new Error(describeOutcome(outcome));
  return promise;
}

interface Tally {
  readonly asked: Map<string, 'answered' | 'refused' | 'lost'>;
  /** How often each request was carried out, by the life of the server. */
  readonly done: Map<string, number[]>;
}

/** Sends a request every 50 ms; the server takes 20 ms for each. */
async function playOut(
  seed: string,
  disturb: (world: World) => void,
): Promise<Tally & { digest: string }> {
  const guard = installGuard();
  const world = new World({ seed, drain: macrotask, scope: guard });
  const tally: Tally = { asked: new Map(), done: new Map() };
  world.addHost(server, {
    boot: (environment, io) => {
      const life = world.bootCountOf(server);
      const handle: HttpService['handle'] = async ({ url }) => {
        await io.perform('work', 20, () => {
          const counts = tally.done.get(url) ?? [];
          counts[life] = (counts[life] ?? 0) + 1;
          tally.done.set(url, counts);
        });
        return OK;
      };
      serveHttp(environment, { handle });
    },
  });
  world.addHost(client, {
    boot: (environment) => {
      const { clock, services } = environment;
      let count = 0;
      const ask = () => {
        count += 1;
        const url = `http://store/${count}`;
        const note = (ending: 'answered' | 'refused' | 'lost') => tally.asked.set(url, ending);
        environment.expectContinuations();
        services.http.send({ method: 'POST', url }).then(
          () => note('answered'),
          (error: unknown) => note(error instanceof HttpError ? error.failure : 'lost'),
        );
        if (count < 100) clock.schedule(50, ask);
      };
      clock.schedule(1, ask);
    },
  });
  disturb(world);
  await world.run({ until: () => tally.asked.size === 100, deadlineMs: 200_000 });
  guard.restore();
  return { ...tally, digest: world.digest };
}

const seeds = Array.from({ length: 12 }, (_, index) => index.toString(16).padStart(16, 'c'));

function disturbAll(world: World): void {
  const { random, network } = world;
  network.addRule(lossy(random, 3));
  network.addRule(duplicating(random, 2, 4_000));
  network.addRule(reordering(random, 3, 3_000));
  const dice = random.fork('crashes');
  for (let count = 0; count < 6; count += 1) {
    world.at(200 + count * 800 + dice.below(700), 'crash', () => {
      world.crash(server);
      world.restart(server);
    });
  }
}

test.serial('a request is carried out at most once a life, and its ending is true', async (t) => {
  const endings = new Map<string, number>();
  for (const seed of seeds) {
    const { asked, done } = await playOut(seed, disturbAll);
    t.is(asked.size, 100);
    for (const [url, ending] of asked) {
      const counts = done.get(url) ?? [];
      t.true(
        counts.every((count) => count <= 1),
        `${seed} ${url} ${counts.join()}`,
      );
      const total = counts.reduce((sum, count) => sum + count, 0);
      if (ending === 'answered') t.is(total, 1, `${seed} ${url}`);
      if (ending === 'refused') t.is(total, 0, `${seed} ${url}`);
      const known = ending === 'lost' ? `lost, done ${total} times` : ending;
      endings.set(known, (endings.get(known) ?? 0) + 1);
    }
  }
  // The states worth reaching: both kinds of lost requests, beside many that were answered.
  t.true((endings.get('answered') ?? 0) > 500, JSON.stringify([...endings]));
  t.true((endings.get('lost, done 1 times') ?? 0) > 5, JSON.stringify([...endings]));
  t.true((endings.get('lost, done 0 times') ?? 0) > 5, JSON.stringify([...endings]));
});

test.serial('two runs of one seed are the same', async (t) => {
  for (const seed of seeds.slice(0, 3)) {
    t.deepEqual(await playOut(seed, disturbAll), await playOut(seed, disturbAll));
  }
});

test.serial('copies that come late, after the exchange is over, change nothing', async (t) => {
  const { asked, done } = await playOut('00000000000000b1', ({ random, network }) => {
    network.addRule(duplicating(random, 1, 20_000));
  });
  t.true([...asked.values()].every((ending) => ending === 'answered'));
  t.true([...done.values()].every((counts) => counts.join('') === '1'));
});

test('a request to a server that restarted in between is lost, not repeated', async (t) => {
  const { world, http } = worldOf('00000000000000b2');
  let count = 0;
  world.addHost(server, {
    boot: (environment) => {
      const handle = () => {
        count += 1;
        return count === 1 ? new Promise<typeof OK>(() => undefined) : OK;
      };
      serveHttp(environment, { handle });
    },
  });
  world.at(500, 'crash', () => {
    world.crash(server);
    world.restart(server);
  });
  const sent = http().send({ method: 'POST', url: 'http://store/x' });
  const error = await t.throwsAsync(settle(world, sent), { instanceOf: HttpError });
  t.is(error?.failure, 'lost');
  t.true(world.nowMs < 3_000, 'found out by asking, long before the time ran out');
  t.is(count, 1);
});

test('a host that is down refuses in the end, one without a service at once', async (t) => {
  const { world, http } = worldOf('00000000000000b3');
  world.addHost(server, { boot: () => undefined });
  const ask = () => http().send({ method: 'GET', url: 'http://store/x' });
  const first = await t.throwsAsync(settle(world, ask()), { instanceOf: HttpError });
  t.is(first?.failure, 'refused');
  t.true(world.nowMs < 100);
  world.at(world.nowMs, 'crash', () => world.crash(server));
  const second = await t.throwsAsync(settle(world, ask()), { instanceOf: HttpError });
  t.is(second?.failure, 'refused');
  t.true(world.nowMs >= 10_000 && world.nowMs < 10_200);
});

test('who waits for an answer is listed with those who wait', async (t) => {
  const { world, http } = worldOf('00000000000000b8');
  const handle = () => new Promise<typeof OK>(() => undefined);
  world.addHost(server, { boot: (environment) => serveHttp(environment, { handle }) });
  const sent = http().send({ method: 'GET', url: 'http://store/x' });
  await world.run({ until: () => false, deadlineMs: 1_000 });
  const [waiting] = world.parked();
  t.like(waiting, { host: client, label: 'http GET http://store/x' });
  await t.throwsAsync(settle(world, sent), { instanceOf: HttpError });
  t.deepEqual(world.parked(), []);
});

test('a link that is clogged for less than the timeout only delays', async (t) => {
  const { world, http } = worldOf('00000000000000b4');
  world.addHost(server, { boot: (environment) => serveHttp(environment, { handle: () => OK }) });
  world.network.addRule(clogged(5_000));
  const { status } = await settle(world, http().send({ method: 'GET', url: 'http://store/x' }));
  t.is(status, 200);
  t.true(world.nowMs >= 5_000);
});

test('a client that crashed is never called back, and its next life is not confused', async (t) => {
  const { world, http } = worldOf('00000000000000b5');
  world.addHost(server, {
    boot: (environment, io) => {
      const handle: HttpService['handle'] = async ({ url }) => {
        await io.perform('work', 100, () => undefined);
        return { ...OK, status: Number(url.slice(-3)) };
      };
      serveHttp(environment, { handle });
    },
  });
  let isCalledBack = false;
  const noted = () => {
    isCalledBack = true;
  };
  http().send({ method: 'GET', url: 'http://store/201' }).then(noted, noted);
  world.at(50, 'crash', () => {
    world.crash(client);
    world.restart(client);
  });
  await world.run({ until: () => false, deadlineMs: 51 });
  const { status } = await settle(world, http().send({ method: 'GET', url: 'http://store/202' }));
  t.is(status, 202);
  t.false(isCalledBack);
});

test('injected errors come before a request is carried out, a lost answer after', async (t) => {
  const { world, http } = worldOf('00000000000000b6');
  const faults = new ServiceFaults();
  let count = 0;
  let injected = 0;
  world.addHost(server, {
    boot: (environment) => {
      const handle = () => {
        count += 1;
        return OK;
      };
      serveHttp(environment, { handle }, { faults });
    },
  });
  const ask = () => settle(world, http().send({ method: 'PUT', url: 'http://store/x' }));
  const strike = { oneIn: 1, random: world.random, injected: () => (injected += 1) };
  for (const [effect, status] of [
    ['unavailable', 503],
    ['throttled', 429],
    ['server-error', 500],
  ] as const) {
    const end = faults.begin({ ...strike, effect });
    t.is((await ask()).status, status);
    end();
  }
  t.is(count, 0);
  const end = faults.begin({ ...strike, effect: 'lost' });
  t.is((await t.throwsAsync(ask(), { instanceOf: HttpError }))?.failure, 'lost');
  end();
  t.is(count, 1);
  t.is((await ask()).status, 200);
  t.is(injected, 4);
});
