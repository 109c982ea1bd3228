// How WebHDFS answers, request by request: kept by the simulated servers and by the real ones, so
// that a client that gets along with the former is one for the latter.

import test, { type ExecutionContext } from 'ava';

import type {
  HttpClient,
  HttpMethod,
  HttpResponse,
} from '../../../engine/environment/http-client.ts';
import { bytesOf, textOf } from '../../../engine/environment/vocabulary.contract.ts';

export interface WireBench {
  readonly http: HttpClient;
  /** `http://namenode:9870`, of the active one. */
  readonly nameNode: string;
  /** A directory that exists and is empty, without a slash at its end. */
  readonly root: string;
  /** Who may write there. */
  readonly user: string;
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
}

type Open = (t: ExecutionContext) => Promise<WireBench>;

export function webHdfsContract(name: string, open: Open): void {
  writeContract(name, open);
  nameContract(name, open);
  refusalContract(name, open);
  settlingContract(name, open);
}

function writeContract(name: string, open: Open): void {
  test(`${name}: CREATE and APPEND send on to a DataNode, which takes the bytes`, async (t) => {
    const wire = await wireOf(t, open);
    const referral = await wire.ask('PUT', 'CREATE', '/a', 'overwrite=false');
    t.is(referral.status, 307);
    t.is(referral.body.length, 0);
    const location = referral.headers.get('location') ?? '';
    t.regex(location, /^http:\/\/.+\/webhdfs\/v1.+\/a\?.*op=CREATE/);
    const created = await wire.send('PUT', location, bytesOf('one '));
    t.is(created.status, 201);
    t.is(created.body.length, 0);
    const appending = await wire.ask('POST', 'APPEND', '/a');
    t.is(appending.status, 307);
    const there = appending.headers.get('location') ?? '';
    t.is((await wire.send('POST', there, bytesOf('two'))).status, 200);
    t.is(textOf((await wire.read('/a')).body), 'one two');
  });

  test(`${name}: a client that cannot help following gets the location in the body`, async (t) => {
    const wire = await wireOf(t, open);
    const referral = await wire.ask('PUT', 'CREATE', '/a', 'noredirect=true');
    t.is(referral.status, 200);
    const { Location } = jsonOf(referral) as { readonly Location: string };
    t.is((await wire.send('PUT', Location, bytesOf('x'))).status, 201);
    t.is(textOf((await wire.read('/a')).body), 'x');
  });

  test(`${name}: OPEN gives ranges, and an offset behind the end is refused`, async (t) => {
    const wire = await wireOf(t, open);
    await wire.create('/a', bytesOf('0123456789'));
    await wire.create('/empty', new Uint8Array());
    t.is((await wire.ask('GET', 'OPEN', '/a')).status, 307);
    t.is(textOf((await wire.read('/a', 'offset=3&length=4')).body), '3456');
    t.is(textOf((await wire.read('/a', 'offset=8&length=100')).body), '89');
    t.is(textOf((await wire.read('/empty')).body), '');
    t.is(exceptionOf(t, await wire.ask('GET', 'OPEN', '/a', 'offset=10'), 403), 'IOException');
    t.is(exceptionOf(t, await wire.ask('GET', 'OPEN', '/none'), 404), 'FileNotFoundException');
    t.is(exceptionOf(t, await wire.read(''), 404), 'FileNotFoundException');
  });

  test(`${name}: GETFILECHECKSUM is the MD5 of the MD5 of the CRCs`, async (t) => {
    const wire = await wireOf(t, open);
    await wire.create('/a', bytesOf('0123456789'.repeat(100)));
    const referral = await wire.ask('GET', 'GETFILECHECKSUM', '/a');
    t.is(referral.status, 307);
    const answer = await wire.send('GET', referral.headers.get('location') ?? '');
    t.deepEqual(jsonOf(answer), {
      FileChecksum: {
        algorithm: 'MD5-of-0MD5-of-512CRC32C',
        bytes: '00000200000000000000000027a781fbbc505875085fc0f2dc06491f00000000',
        length: 28,
      },
    });
  });
}

function nameContract(name: string, open: Open): void {
  test(`${name}: GETFILESTATUS and LISTSTATUS say what is there`, async (t) => {
    const wire = await wireOf(t, open);
    await wire.create('/b', bytesOf('12345'));
    await wire.create('/a', new Uint8Array());
    t.deepEqual(jsonOf(await wire.ask('PUT', 'MKDIRS', '/c/d')), { boolean: true });
    const file = await wire.status('/b');
    t.like(file, { type: 'FILE', length: 5, pathSuffix: '', owner: wire.user, replication: 1 });
    t.true(Number.isInteger(file['fileId']) && Number(file['fileId']) > 16_384);
    const directory = await wire.status('/c');
    t.like(directory, { type: 'DIRECTORY', length: 0, pathSuffix: '', childrenNum: 1 });
    const list = jsonOf(await wire.ask('GET', 'LISTSTATUS', '')) as StatusList;
    const names = list.FileStatuses.FileStatus.map(({ pathSuffix }) => pathSuffix);
    t.deepEqual(names, ['a', 'b', 'c']);
    const self = jsonOf(await wire.ask('GET', 'LISTSTATUS', '/b')) as StatusList;
    t.deepEqual(
      self.FileStatuses.FileStatus.map(({ pathSuffix }) => pathSuffix),
      [''],
    );
    const summary = jsonOf(await wire.ask('GET', 'GETCONTENTSUMMARY', ''));
    t.like((summary as { readonly ContentSummary: object }).ContentSummary, {
      directoryCount: 3,
      fileCount: 2,
      length: 5,
      quota: -1,
      spaceQuota: -1,
    });
  });

  test(`${name}: RENAME keeps the id, and says false, or why, where it cannot`, async (t) => {
    const wire = await wireOf(t, open);
    await wire.create('/a', bytesOf('a'));
    await wire.create('/b', bytesOf('b'));
    await wire.ask('PUT', 'MKDIRS', '/d');
    const before = await wire.status('/a');
    t.deepEqual(jsonOf(await wire.rename('/a', '/c')), { boolean: true });
    t.is((await wire.status('/c'))['fileId'], before['fileId']);
    for (const [from, to] of [
      ['/c', '/b'],
      ['/none', '/x'],
      ['/c', '/none/x'],
      ['/d', '/d/below'],
    ] as const) {
      t.deepEqual(jsonOf(await wire.rename(from, to)), { boolean: false }, `${from} ${to}`);
    }
    t.deepEqual(jsonOf(await wire.rename('/c', '/d')), { boolean: true });
    t.is((await wire.status('/d/c'))['fileId'], before['fileId']);
    const strict = (from: string, to: string) => wire.rename(from, to, 'renameoptions=NONE');
    t.is(exceptionOf(t, await strict('/d/c', '/b'), 403), 'FileAlreadyExistsException');
    t.is(exceptionOf(t, await strict('/none', '/x'), 404), 'FileNotFoundException');
    t.is(exceptionOf(t, await strict('/d/c', '/none/x'), 404), 'FileNotFoundException');
    t.is(exceptionOf(t, await strict('/d/c', '/b/x'), 403), 'ParentNotDirectoryException');
    t.is(exceptionOf(t, await strict('/b', '/d'), 403), 'IOException');
    const renamed = await strict('/d/c', '/e');
    t.is(renamed.status, 200);
    t.is(renamed.body.length, 0);
    t.is((await wire.status('/e'))['fileId'], before['fileId']);
  });

  test(`${name}: DELETE says whether there was one, and asks before it takes a tree`, async (t) => {
    const wire = await wireOf(t, open);
    await wire.create('/d/e/a', bytesOf('a'));
    const remove = (path: string, query = '') => wire.ask('DELETE', 'DELETE', path, query);
    t.is(exceptionOf(t, await remove('/d'), 403), 'PathIsNotEmptyDirectoryException');
    t.deepEqual(jsonOf(await remove('/d/e/a')), { boolean: true });
    t.deepEqual(jsonOf(await remove('/d/e/a')), { boolean: false });
    t.deepEqual(jsonOf(await remove('/d', 'recursive=true')), { boolean: true });
    t.is(exceptionOf(t, await wire.ask('GET', 'LISTSTATUS', '/d'), 404), 'FileNotFoundException');
  });
}

function refusalContract(name: string, open: Open): void {
  test(`${name}: what is taken or in the way is refused by name`, async (t) => {
    const wire = await wireOf(t, open);
    await wire.create('/a', bytesOf('a'));
    await wire.ask('PUT', 'MKDIRS', '/d');
    const taken = await wire.create('/a', bytesOf('b'));
    t.is(exceptionOf(t, taken, 403), 'FileAlreadyExistsException');
    t.is(exceptionOf(t, await wire.create('/d', bytesOf('b')), 403), 'FileAlreadyExistsException');
    const below = await wire.create('/a/b', bytesOf('b'));
    t.is(exceptionOf(t, below, 403), 'ParentNotDirectoryException');
    const orphan = await wire.create('/none/b', bytesOf('b'), 'createparent=false');
    t.is(exceptionOf(t, orphan, 404), 'FileNotFoundException');
    const onFile = await wire.ask('PUT', 'MKDIRS', '/a');
    t.is(exceptionOf(t, onFile, 403), 'FileAlreadyExistsException');
    const belowFile = await wire.ask('PUT', 'MKDIRS', '/a/b');
    t.is(exceptionOf(t, belowFile, 403), 'ParentNotDirectoryException');
    const missing = await wire.ask('GET', 'GETFILESTATUS', '/none');
    t.is(exceptionOf(t, missing, 404), 'FileNotFoundException');
    t.is(textOf((await wire.read('/a')).body), 'a');
  });

  test(`${name}: what is no request at all is a bad one`, async (t) => {
    const wire = await wireOf(t, open);
    const unknown = await wire.ask('GET', 'NOSUCHOPERATION', '');
    t.is(exceptionOf(t, unknown, 400), 'IllegalArgumentException');
    const wrongMethod = await wire.ask('GET', 'RENAME', '');
    t.is(exceptionOf(t, wrongMethod, 400), 'IllegalArgumentException');
  });
}

function settlingContract(name: string, open: Open): void {
  test(`${name}: TRUNCATE cuts, at once or a little later, and never extends`, async (t) => {
    const wire = await wireOf(t, open);
    await wire.create('/a', bytesOf('0123456789'));
    const truncate = (length: number) => wire.ask('POST', 'TRUNCATE', '/a', `newlength=${length}`);
    t.deepEqual(jsonOf(await truncate(10)), { boolean: true });
    t.is(exceptionOf(t, await truncate(11), 400), 'HadoopIllegalArgumentException');
    t.deepEqual(jsonOf(await truncate(4)), { boolean: false });
    const shown = Number((await wire.status('/a'))['length']);
    const refused = exceptionOf(t, await wire.create('/a', bytesOf('x')), 403);
    // It may be over by now: then the file is as any other.
    const isCut = refused === 'FileAlreadyExistsException';
    const busyNames = ['AlreadyBeingCreatedException', 'RecoveryInProgressException'];
    t.true(isCut || busyNames.includes(refused), refused);
    t.true(shown === 10 || (isCut && shown === 4), 'the old length as long as it is not cut');
    for (let attempt = 0; attempt < 60; attempt += 1) {
      const { boolean } = jsonOf(await truncate(4)) as { readonly boolean: boolean };
      if (boolean) break;
      await wire.wait();
    }
    t.is((await wire.status('/a'))['length'], 4);
    t.is(textOf((await wire.read('/a')).body), '0123');
    t.deepEqual(jsonOf(await truncate(0)), { boolean: true });
    t.is((await wire.status('/a'))['length'], 0);
  });
}

interface StatusList {
  readonly FileStatuses: { readonly FileStatus: readonly { readonly pathSuffix: string }[] };
}

/** Requests for paths below the root, in the few ways that there are. */
async function wireOf(t: ExecutionContext, open: Open) {
  const { http, nameNode, root, user, settle } = await open(t);
  const send = (method: HttpMethod, url: string, body?: Uint8Array) =>
    settle(http.send({ method, url, ...(body === undefined ? {} : { body }) }));
  const ask = (method: HttpMethod, op: string, path: string, query = '') => {
    const more = query === '' ? '' : `&${query}`;
    return send(method, `${nameNode}/webhdfs/v1${root}${path}?op=${op}&user.name=${user}${more}`);
  };
  return {
    user,
    send,
    ask,
    /** The answer of the DataNode, if the NameNode sends us to one. */
    create: async (path: string, bytes: Uint8Array, query = '') => {
      const referral = await ask('PUT', 'CREATE', path, query);
      const location = referral.headers.get('location');
      return location === undefined ? referral : send('PUT', location, bytes);
    },
    read: async (path: string, query = '') => {
      const referral = await ask('GET', 'OPEN', path, query);
      return send('GET', referral.headers.get('location') ?? '');
    },
    status: async (path: string) => {
      const answer = jsonOf(await ask('GET', 'GETFILESTATUS', path));
      return (answer as { readonly FileStatus: Readonly<Record<string, unknown>> }).FileStatus;
    },
    rename: (from: string, to: string, query = '') =>
      ask('PUT', 'RENAME', from, `destination=${root}${to}&${query}`),
    /** Some requests that change nothing, so that time passes in both worlds. */
    wait: async () => {
      for (let count = 0; count < 50; count += 1) await ask('GET', 'GETFILESTATUS', '');
    },
  };
}

function exceptionOf(t: ExecutionContext, answer: HttpResponse, status: number): string {
  const { RemoteException } = jsonOf(answer) as {
    readonly RemoteException?: {
      readonly exception: string;
      readonly javaClassName: string;
      readonly message: unknown;
    };
  };
  if (RemoteException === undefined) return `no exception, status ${answer.status}`;
  const { exception, javaClassName, message } = RemoteException;
  t.is(answer.status, status, exception);
  t.true(javaClassName.endsWith(`.${exception}`) && typeof message === 'string');
  return exception;
}

function jsonOf({ body }: HttpResponse): object {
  return JSON.parse(textOf(body)) as object;
}
