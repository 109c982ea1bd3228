// What may go wrong between the engine's S3 store and its server: answers that are lost, storms of
// refusals, crashes between parts, wrong clocks and keys, servers that promise less.

import test, { type ExecutionContext } from 'ava';
import { S3ArtefactStore } from '../../engine/checkpoint/s3/s3-artefact-store.ts';
import { type ErrorCode, OnceproofError } from '../../engine/core/errors.ts';
import { servicesOf } from '../../engine/environment/foreign-services.ts';
import {
  type HttpClient,
  HttpError,
  type HttpRequest,
} from '../../engine/environment/http-client.ts';
import { bytesOf, fails, textOf } from '../../engine/environment/vocabulary.contract.ts';
import { S3_CLIENT, S3_HOST, S3_KEY, S3_PART_BYTES, startS3World } from './s3-world.ts';

const DAY_MS = 86_400_000;
/** Of the wall clocks of a world. */
const START_MS = 1_600_000_000_000;
const isPut = ({ method, url }: HttpRequest): boolean =>
  method === 'PUT' && !url.includes('conditions') && !url.includes('partNumber');
const isCompletion = ({ method, url }: HttpRequest): boolean =>
  method === 'POST' && url.includes('uploadId=') && !url.includes('conditions');

/** Carries out all requests, and loses the answer to the first one that `which` picks. */
function losing(which: (request: HttpRequest) => boolean, sent: HttpRequest[] = []) {
  let isLost = false;
  return (client: HttpClient): HttpClient => ({
    send: async (request) => {
      sent.push(request);
      const answer = await client.send(request);
      if (isLost || !which(request)) return answer;
      isLost = true;
      throw new HttpError('lost', request);
    },
  });
}

async function failsWith(
  t: ExecutionContext,
  code: ErrorCode,
  call: Promise<unknown>,
): Promise<void> {
  const error = await t.throwsAsync(call, { instanceOf: OnceproofError });
  t.is(error?.code, code);
}

for (const { name, which, sizeBytes } of [
  { name: 'a put', which: isPut, sizeBytes: 100 },
  { name: 'a completion', which: isCompletion, sizeBytes: 3 * S3_PART_BYTES },
]) {
  test(`a writer knows its own object again where the answer to ${name} was lost`, async (t) => {
    const sent: HttpRequest[] = [];
    const { store: open, settle } = await startS3World({ wire: losing(which, sent) });
    const store = open();
    const bytes = bytesOf('x'.repeat(sizeBytes));
    const writer = await settle(store.create('/a'));
    await settle(writer.write(bytes));
    await settle(writer.close());
    t.is(sent.filter(which).length, 2);
    t.deepEqual(await settle(store.read('/a')), bytes);
    t.deepEqual(await settle(store.list('/')), ['a']);
  });
}

test('a writer takes no stranger for itself, though an answer of its own was lost', async (t) => {
  let isArmed = false;
  const wire = losing((request) => isArmed && isPut(request));
  const { store: open, settle } = await startS3World({ wire });
  const store = open();
  const [late, stranger] = [await settle(store.create('/a')), await settle(open().create('/a'))];
  await settle(stranger.write(bytesOf('the same')));
  await settle(stranger.close());
  isArmed = true;
  await settle(late.write(bytesOf('the same')));
  await fails(t, 'EEXIST', settle(late.close()));
  t.is(textOf(await settle(store.read('/a'))), 'the same');
});

test('publish() settles a lost answer by what is there', async (t) => {
  const sent: HttpRequest[] = [];
  const { store: open, settle } = await startS3World({ wire: losing(isPut, sent) });
  const store = open();
  await settle(store.publish('/_metadata', bytesOf('ours')));
  await failsWith(t, 'OP-E507', settle(open().publish('/_metadata', bytesOf('theirs'))));
  t.is(textOf(await settle(store.read('/_metadata'))), 'ours');
  t.is(sent.filter(isPut).length, 3);
});

test('a storm of 503 is waited out with bounded attempts, and is EIO if it lasts', async (t) => {
  const sent: HttpRequest[] = [];
  const {
    store: open,
    settle,
    faults,
    world,
  } = await startS3World({
    wire: losing(() => false, sent),
  });
  const store = open(undefined, { attempts: 5 });
  await settle(store.publish('/a', bytesOf('a')));
  const end = faults.begin({ effect: 'throttled', oneIn: 1, random: world.random });
  sent.length = 0;
  const startedMs = world.nowMs;
  await fails(t, 'EIO', settle(store.read('/a')));
  t.is(sent.length, 5);
  t.true(world.nowMs - startedMs > 700, 'attempts are spaced');
  const reading = store.read('/a');
  world.at(world.nowMs + 400, 'heal', end);
  t.is(textOf(await settle(reading)), 'a');
});

test('a server that refuses what comes too fast is served at its own pace', async (t) => {
  const { store: open, settle, world } = await startS3World({ server: { requestsPerSecond: 5 } });
  const store = open(undefined, { attempts: 12 });
  const startedMs = world.nowMs;
  for (let index = 0; index < 20; index += 1)
    await settle(store.publish(`/${index}`, bytesOf('-')));
  t.true(world.nowMs - startedMs >= 3000);
});

test('a crash of the server between parts loses none of those it has taken', async (t) => {
  const { store: open, settle, crashServer } = await startS3World();
  const store = open(undefined, { attempts: 12 });
  const bytes = Uint8Array.from({ length: 5 * S3_PART_BYTES + 7 }, (_, index) => index);
  const writer = await settle(store.create('/a'));
  for (let at = 0; at < bytes.length; at += 100) {
    await settle(writer.write(bytes.subarray(at, at + 100)));
    if (at % 300 === 0) crashServer();
    t.is(await settle(store.status('/a')), undefined);
  }
  crashServer();
  await settle(writer.close());
  crashServer();
  t.deepEqual(await settle(store.read('/a')), bytes);
  t.deepEqual(await settle(store.read('/a', 2 * S3_PART_BYTES - 1, 3)), bytes.slice(511, 514));
});

test('uploads that were left behind are aborted once they are old, others never', async (t) => {
  const { store: open, settle, pass } = await startS3World();
  const store = open();
  const bytes = bytesOf('x'.repeat(2 * S3_PART_BYTES));
  const begin = async (path: string) => {
    const writer = await settle(store.create(path));
    await settle(writer.write(bytes));
    return writer;
  };
  const old = [];
  // More than a page of them.
  for (let index = 0; index < 10; index += 1) old.push(await begin(`/job/${index % 4}`));
  const elsewhere = await begin('/jobs/0');
  await pass(DAY_MS + 1000);
  const young = await begin('/job/young');
  await settle(store.removeTree('/job'));
  for (const writer of old) await fails(t, 'ENOENT', settle(writer.close()));
  await settle(young.close());
  await settle(elsewhere.close());
  t.deepEqual(await settle(store.list('/job')), ['young']);
  t.deepEqual(await settle(store.read('/jobs/0')), bytes);
});

test('a wrong secret, and a key that nobody knows, are EACCES', async (t) => {
  const { store: open, settle } = await startS3World();
  for (const wrong of [{ secretAccessKey: 'guess' }, { accessKeyId: 'NOBODY' }]) {
    const store = open(undefined, { credentials: { ...S3_KEY, ...wrong } });
    await fails(t, 'EACCES', settle(store.read('/a')));
    await fails(t, 'EACCES', settle(store.publish('/a', bytesOf('a'))));
  }
});

test('temporary keys that have expired are replaced by those that are there now', async (t) => {
  const temporary = (name: string, lifeMs: number) => ({
    accessKeyId: name,
    secretAccessKey: `secret of ${name}`,
    sessionToken: `token of ${name}`,
    expiresAtMs: START_MS + lifeMs,
  });
  const [old, fresh] = [temporary('OLD', 60_000), temporary('FRESH', DAY_MS)];
  const { environment, settle, pass } = await startS3World({ server: { keys: [old, fresh] } });
  let present = old;
  const variables = (): ReadonlyMap<string, string> =>
    new Map([
      ['AWS_ACCESS_KEY_ID', present.accessKeyId],
      ['AWS_SECRET_ACCESS_KEY', present.secretAccessKey],
      ['AWS_SESSION_TOKEN', present.sessionToken],
    ]);
  const services = {
    ...servicesOf(environment()),
    variable: (name: string) => variables().get(name),
  };
  const store = new S3ArtefactStore(
    's3://bucket/flights',
    { endpoint: 'http://s3' },
    { ...environment(), services },
  );
  await settle(store.publish('/a', bytesOf('a')));
  await pass(60_000);
  await fails(t, 'EACCES', settle(store.read('/a')));
  present = fresh;
  t.is(textOf(await settle(store.read('/a'))), 'a');
});

test('a client whose clock is hours off goes by the clock of the server', async (t) => {
  for (const byMs of [-7_200_000, 7_200_000]) {
    const sent: HttpRequest[] = [];
    const { store: open, settle, world } = await startS3World({ wire: losing(() => false, sent) });
    world.stepClock(S3_CLIENT, byMs);
    const store = open();
    await settle(store.publish('/a', bytesOf('a')));
    t.is(textOf(await settle(store.read('/a'))), 'a');
    // Told once, it does not ask again.
    t.is(sent.filter(({ url }) => url.includes('conditions')).length, 3);
    t.is(sent.length, 5);
  }
});

test('a server that ignores If-None-Match is refused before anything is written', async (t) => {
  const sent: HttpRequest[] = [];
  const { store: open, settle } = await startS3World({
    server: { knowsConditions: false },
    wire: losing(() => false, sent),
  });
  await failsWith(t, 'OP-E552', settle(open().create('/a')));
  await failsWith(t, 'OP-E552', settle(open().publish('/a', bytesOf('a'))));
  t.true(sent.every(({ url }) => url.includes('conditions')));
});

test('a bucket that does not exist is said to be missing, not its objects', async (t) => {
  const { store: open, settle } = await startS3World();
  const store = open('s3://other/flights');
  await failsWith(t, 'OP-E553', settle(store.read('/a')));
  await failsWith(t, 'OP-E553', settle(store.status('/a')));
  await failsWith(t, 'OP-E553', settle(store.list('/')));
  await failsWith(t, 'OP-E553', settle(store.publish('/a', bytesOf('a'))));
  await failsWith(t, 'OP-E554', settle(open(undefined, { region: 'eu-west-1' }).read('/a')));
});

test('nothing but listings is stale where listings are', async (t) => {
  const { store: open, settle, pass } = await startS3World({ server: { listingStaleMs: 60_000 } });
  const store = open();
  let staleCount = 0;
  for (let index = 0; index < 20; index += 1) {
    const path = `/chk/${index}`;
    await settle(store.publish(path, bytesOf(path)));
    await failsWith(t, 'OP-E507', settle(store.publish(path, bytesOf('other'))));
    t.is(textOf(await settle(store.read(path))), path);
    t.deepEqual(await settle(store.status(path)), { kind: 'file', sizeBytes: path.length });
    if (!(await settle(store.list('/chk'))).includes(String(index))) staleCount += 1;
  }
  t.true(staleCount > 10, `${staleCount} listings were stale`);
  await pass(60_000);
  t.is((await settle(store.list('/chk'))).length, 20);
  await settle(store.removeTree('/chk'));
  await pass(60_000);
  t.deepEqual(await settle(store.list('/chk')), []);
});

test('a server without room says so, and takes nothing', async (t) => {
  const { store: open, settle, disk } = await startS3World();
  const store = open();
  await settle(store.publish('/a', bytesOf('a')));
  const full = disk.faults.noSpace();
  await fails(t, 'ENOSPC', settle(store.publish('/b', bytesOf('b'))));
  full.heal();
  await settle(store.publish('/b', bytesOf('b')));
  t.deepEqual(await settle(store.list('/')), ['a', 'b']);
});

test('a server that is away is EIO, and nothing is known', async (t) => {
  const { store: open, settle, world } = await startS3World();
  world.crash(S3_HOST);
  await fails(t, 'EIO', settle(open(undefined, { attempts: 2 }).read('/a')));
});
