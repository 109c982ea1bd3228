// One request of a client is lost, in each way there is: before it was carried out, after it was,
// or it is carried out later, when the client has long gone on. The outcome must be the same.

import test from 'ava';

import { WebHdfsArtefactStore } from '../../engine/checkpoint/hdfs/web-hdfs-artefact-store.ts';
import { delay } from '../../engine/environment/delay.ts';
import type { Environment } from '../../engine/environment/environment.ts';
import { servicesOf } from '../../engine/environment/foreign-services.ts';
import {
  type HttpClient,
  HttpError,
  type HttpRequest,
} from '../../engine/environment/http-client.ts';
import { bytesOf, textOf } from '../../engine/environment/vocabulary.contract.ts';
import { type HdfsBench, hdfsBench } from './hdfs-bench.ts';

type Loss = 'before' | 'after' | 'late';

const LOSSES: readonly Loss[] = ['before', 'after', 'late'];
/** When a late request is carried out: while the client looks, waits, or has gone on. */
const LATE_MS: readonly number[] = [30, 200, 1_000, 20_000];

interface Planned {
  readonly loss: Loss;
  readonly lateMs: number;
  /** `CREATE`, at a DataNode where it is one that takes bytes. */
  readonly op: string;
  /** Counted from 1, of requests with this operation. */
  readonly nth: number;
  /** What somebody else does meanwhile. */
  readonly meanwhile?: () => Promise<void>;
}

function losing(environment: Environment, plan: Planned): Environment {
  const services = servicesOf(environment);
  let count = 0;
  const send: HttpClient['send'] = async (request) => {
    if (!isMeant(request, plan.op)) return services.http.send(request);
    count += 1;
    if (count !== plan.nth) return services.http.send(request);
    if (plan.loss === 'after') await services.http.send(request);
    if (plan.loss === 'late') void sendLate(environment, request, plan.lateMs);
    await plan.meanwhile?.();
    throw new HttpError('lost', request);
  };
  return { ...environment, services: { ...services, http: { send } } };
}

async function sendLate(environment: Environment, request: HttpRequest, waitMs: number) {
  await delay(environment, waitMs);
  await servicesOf(environment).http.send(request);
}

/** Of the two requests of one operation with bytes, it is the second that does something. */
function isMeant({ url }: HttpRequest, op: string): boolean {
  const isReferral = !url.includes(':9864/');
  const hasBytes = op === 'CREATE' || op === 'APPEND';
  return url.includes(`op=${op}&`) && isReferral !== hasBytes;
}

function storeOf(environment: Environment, bench: HdfsBench): WebHdfsArtefactStore {
  const { urls } = bench.hdfs;
  return new WebHdfsArtefactStore(environment, {
    nameNodes: urls,
    user: 'flink',
    chunkBytes: 1_000,
  });
}

for (const [op, nth] of [
  ['CREATE', 1],
  ['APPEND', 1],
  ['APPEND', 2],
  ['RENAME', 1],
] as const) {
  test(`an artefact is whole although ${op} ${nth} was lost`, async (t) => {
    const bench = await hdfsBench('0000000000000301', { softLimitMs: 5_000 });
    await bench.settle(bench.open().makeDirectory('/base'));
    for (const [round, plan] of plansOf(op, nth).entries()) {
      const { environment } = bench;
      const path = `/base/${round}`;
      const store = storeOf(losing(environment, plan), bench);
      const writer = await bench.settle(store.create(path));
      const parts = ['a', 'b', 'c'].map((letter) => letter.repeat(1_000 + round));
      for (const part of parts) await bench.settle(writer.write(bytesOf(part)));
      await bench.settle(writer.close());
      // What is late has come by then.
      await bench.settle(delay(environment, 30_000));
      const back = textOf(await bench.settle(bench.open().read(path)));
      t.is(back, parts.join(''), JSON.stringify(plan));
    }
  });
}

for (const op of ['CREATE', 'RENAME'] as const) {
  test(`a publication counts once although ${op} was lost`, async (t) => {
    const bench = await hdfsBench('0000000000000302');
    await bench.settle(bench.open().makeDirectory('/base'));
    for (const [round, plan] of plansOf(op, 1).entries()) {
      const path = `/base/${round}`;
      const store = storeOf(losing(bench.environment, plan), bench);
      await bench.settle(store.publish(path, bytesOf('ours'), 'jm-1'));
      await bench.settle(delay(bench.environment, 30_000));
      t.is(textOf(await bench.settle(bench.open().read(path))), 'ours', JSON.stringify(plan));
      const late = bench.settle(bench.open().publish(path, bytesOf('theirs'), 'jm-2'));
      await t.throwsAsync(late, { code: 'OP-E507' });
    }
  });

  test(`whoever published while our ${op} was lost has won, and we are told`, async (t) => {
    const bench = await hdfsBench('0000000000000303');
    await bench.settle(bench.open().makeDirectory('/base'));
    for (const [round, plan] of plansOf(op, 1).entries()) {
      const path = `/base/${round}`;
      const meanwhile = () => bench.open().publish(path, bytesOf('theirs'), 'jm-2');
      // Carried out before they could.
      const isSooner = plan.loss === 'after' || (plan.loss === 'late' && plan.lateMs < 1_000);
      if (op === 'RENAME' && isSooner) continue;
      const store = storeOf(losing(bench.environment, { ...plan, meanwhile }), bench);
      const ours = bench.settle(store.publish(path, bytesOf('ours'), 'jm-1'));
      await t.throwsAsync(ours, { code: 'OP-E507' });
      await bench.settle(delay(bench.environment, 30_000));
      t.is(textOf(await bench.settle(bench.open().read(path))), 'theirs', JSON.stringify(plan));
    }
  });
}

test('what others published is not ours, although our own file is gone too', async (t) => {
  const bench = await hdfsBench('0000000000000306');
  const others = bench.open();
  await bench.settle(others.makeDirectory('/base'));
  const meanwhile = async () => {
    await others.removeTree('/base');
    await others.makeDirectory('/base');
    await others.publish('/base/a', bytesOf('theirs'), 'jm-2');
  };
  const plan = { op: 'RENAME', nth: 1, loss: 'before', lateMs: 0, meanwhile } as const;
  const store = storeOf(losing(bench.environment, plan), bench);
  const ours = bench.settle(store.publish('/base/a', bytesOf('ours'), 'jm-1'));
  await t.throwsAsync(ours, { code: 'OP-E507' });
  t.is(textOf(await bench.settle(others.read('/base/a'))), 'theirs');
});

test('a removal whose answer was lost does not take what others made meanwhile', async (t) => {
  const bench = await hdfsBench('0000000000000304');
  const store = bench.open();
  await bench.settle(store.makeDirectory('/base'));
  for (const loss of ['before', 'after'] as const) {
    const path = `/base/${loss}`;
    await bench.settle(store.publish(path, bytesOf('old'), 'jm-1'));
    const meanwhile = async () => {
      await store.remove(path);
      await store.publish(path, bytesOf('new'), 'jm-2');
    };
    const plan = { op: 'DELETE', nth: 1, loss, lateMs: 0, meanwhile };
    const remover = storeOf(losing(bench.environment, plan), bench);
    t.true(await bench.settle(remover.remove(path)));
    t.is(textOf(await bench.settle(store.read(path))), 'new', loss);
  }
});

test('a removal is done, and was one, although its request or answer was lost', async (t) => {
  const bench = await hdfsBench('0000000000000305');
  const store = bench.open();
  await bench.settle(store.makeDirectory('/base'));
  for (const [round, plan] of plansOf('DELETE', 1).entries()) {
    const path = `/base/${round}`;
    await bench.settle(store.publish(path, bytesOf('old'), 'jm-1'));
    const remover = storeOf(losing(bench.environment, plan), bench);
    t.true(await bench.settle(remover.unpublish(path)), JSON.stringify(plan));
    t.is(await bench.settle(store.status(path)), undefined);
    t.false(await bench.settle(store.unpublish(path)));
  }
});

function plansOf(op: string, nth: number): readonly Planned[] {
  return LOSSES.flatMap((loss) =>
    (loss === 'late' ? LATE_MS : [0]).map((lateMs) => ({ op, nth, loss, lateMs })),
  );
}
