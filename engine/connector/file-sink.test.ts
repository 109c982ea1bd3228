// Laws of FileSink: the sink contract with every kind of power loss, and exactly-once wherever a
// host dies.

import test from 'ava';
import fc from 'fast-check';

import { checkpointId } from '../core/ids.ts';
import { OnceproofError } from '../core/errors.ts';
import { SeededRandom } from '../environment/seeded-random.ts';
import { decodeWtf8 } from '../stream/wtf8.ts';
import { FileCommitter, type FileCommittable } from './file-committer.ts';
import { FileSink, type FileSinkOptions } from './file-sink.ts';
import { jsonLines } from './json-lines.ts';
import { compareTokens, parseUnfinished } from './part-file-name.ts';
import { sinkContract } from './sink.contract.ts';
import { expectExactlyOnce } from './testing/contract-check.ts';
import { HostStopped, InMemoryFileSystem } from './testing/in-memory-filesystem.ts';
import { type SinkCheckpoint, SinkRun } from './testing/sink-run.ts';
import type { SinkUnderTest } from './testing/sink-checks.ts';

const DIRECTORY = '/data/out';

function fileSink(options: Partial<FileSinkOptions<number>> = {}): FileSink<number> {
  return new FileSink<number>({ directory: DIRECTORY, format: jsonLines<number>(), ...options });
}

async function visibleIn(filesystem: InMemoryFileSystem): Promise<number[]> {
  if ((await filesystem.status(DIRECTORY)) === undefined) return [];
  const numbers: number[] = [];
  for (const name of await filesystem.list(DIRECTORY)) {
    if (!name.startsWith('part-')) continue;
    const bytes = await filesystem.read(`${DIRECTORY}/${name}`);
    const lines = (decodeWtf8(bytes, 0, bytes.length) ?? 'not UTF-8').split('\n');
    numbers.push(...lines.filter((line) => line !== '').map(Number));
  }
  return numbers;
}

function subject(
  survives: { data: boolean; names: boolean } | undefined,
): SinkUnderTest<number, FileCommittable, never> {
  const filesystem = new InMemoryFileSystem();
  return {
    sink: fileSink({ maxPartBytes: 4 }),
    filesystem,
    record: (id) => id,
    visible: () => visibleIn(filesystem),
    ...(survives === undefined ? {} : { crash: () => filesystem.crash(survives) }),
  };
}

sinkContract('FileSink', () => Promise.resolve(subject(undefined)));
for (const data of [false, true]) {
  for (const names of [false, true]) {
    const lost = `unsynced data ${data ? 'stays' : 'goes'} and names ${names ? 'stay' : 'go'}`;
    sinkContract(`FileSink where ${lost}`, () => Promise.resolve(subject({ data, names })));
  }
}

type Completed = SinkCheckpoint<FileCommittable, never> | undefined;

/** One life of a job: until its host stops, or to the end of the input. */
async function live(
  run: SinkRun<number, FileCommittable, never>,
  filesystem: InMemoryFileSystem,
  plan: { readonly parallelism: number; readonly completed: { last: Completed } },
): Promise<boolean> {
  try {
    await run.start(plan.parallelism, plan.completed.last);
    while (run.nextRecord < 24) {
      await run.write(4);
      const checkpoint = await run.prepare();
      plan.completed.last = checkpoint;
      await run.commit(checkpoint.id);
    }
    return true;
  } catch (error) {
    if (!(error instanceof HostStopped) && !filesystem.isStopped) throw error;
    return false;
  }
}

const life = fc.record({
  calls: fc.integer({ min: 0, max: 60 }),
  when: fc.constantFrom('stop-before' as const, 'stop-after' as const),
  data: fc.boolean(),
  names: fc.boolean(),
  parallelism: fc.integer({ min: 1, max: 3 }),
});

test('every record shows once whichever calls hosts die in, and no file lingers', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(life, { maxLength: 6 }), async (lives) => {
      const filesystem = new InMemoryFileSystem();
      const sink = fileSink({ maxPartBytes: 5 });
      const run = new SinkRun({ sink, filesystem, record: (id: number) => id });
      const completed: { last: Completed } = { last: undefined };
      for (const { calls, when, data, names, parallelism } of lives) {
        const end = filesystem.calls + calls;
        filesystem.interfere = ({ index }) => (index === end ? when : undefined);
        await live(run, filesystem, { parallelism, completed });
        filesystem.interfere = () => undefined;
        filesystem.crash({ data, names });
        const limit = completed.last?.nextRecord ?? 0;
        const visible = await visibleIn(filesystem);
        expectExactlyOnce(
          visible,
          visible.filter((id) => id < limit),
          'after a crash',
        );
      }
      t.true(await live(run, filesystem, { parallelism: 2, completed }));
      expectExactlyOnce(
        await visibleIn(filesystem),
        Array.from({ length: 24 }, (_, id) => id),
        'at the end',
      );
      const names = await filesystem.list(DIRECTORY);
      t.deepEqual(
        names.filter((name) => !name.startsWith('part-')),
        [],
      );
    }),
    { numRuns: 150 },
  );
});

/** A file that the writer of attempt 1-1 sealed for checkpoint 1 and handed out. */
async function sealed(filesystem: InMemoryFileSystem): Promise<FileCommittable> {
  const run = new SinkRun({ sink: fileSink(), filesystem, record: (id: number) => id });
  await run.start(1, undefined);
  await run.write(3);
  const { committables } = await run.prepare();
  const committable = committables[0]?.[0]?.committable;
  if (committable === undefined) throw new Error('Nothing was sealed');
  return committable;
}

test('a pending file that lost its end is not committed', async (t) => {
  const filesystem = new InMemoryFileSystem();
  const committable = await sealed(filesystem);
  await filesystem.truncate(committable.pendingPath, committable.sizeBytes - 1);
  const result = await new FileCommitter(filesystem).commit(committable);
  t.is(result.kind, 'failed');
  t.regex(
    result.kind === 'failed' ? result.cause : '',
    /Cannot commit .* \(6 bytes\): .* is 5 bytes/,
  );
  t.deepEqual(await visibleIn(filesystem), []);
});

test('what is behind the recorded end of a pending file is cut off before it shows', async (t) => {
  const filesystem = new InMemoryFileSystem();
  const committable = await sealed(filesystem);
  await filesystem.append(committable.pendingPath, new Uint8Array([0x39, 0x0a]));
  t.deepEqual(await new FileCommitter(filesystem).commit(committable), { kind: 'committed' });
  t.deepEqual(await visibleIn(filesystem), [0, 1, 2]);
});

test('a committable whose file is gone under both names fails with the cause', async (t) => {
  const filesystem = new InMemoryFileSystem();
  const committable = await sealed(filesystem);
  await filesystem.remove(committable.pendingPath);
  const result = await new FileCommitter(filesystem).commit(committable);
  t.is(result.kind, 'failed');
  t.regex(result.kind === 'failed' ? result.cause : '', /neither of its names exists/);
});

test('a finished file that is not what was sealed is no commit', async (t) => {
  const filesystem = new InMemoryFileSystem();
  const committable = await sealed(filesystem);
  t.is((await new FileCommitter(filesystem).commit(committable)).kind, 'committed');
  await filesystem.truncate(committable.finishedPath, 4);
  const result = await new FileCommitter(filesystem).commit(committable);
  t.is(result.kind, 'failed');
  t.regex(result.kind === 'failed' ? result.cause : '', /\(6 bytes\): ".*" is 4 bytes/);
});

test('a failing disk is tried again, and an unsynced rename is done anew', async (t) => {
  const filesystem = new InMemoryFileSystem();
  const committable = await sealed(filesystem);
  const committer = new FileCommitter(filesystem);
  const renames: string[] = [];
  let failures = 2;
  filesystem.interfere = ({ operation, path }) => {
    if (operation === 'rename') renames.push(path);
    const isOfNames = operation === 'sync' && path !== committable.pendingPath;
    return isOfNames && failures-- > 0 ? 'EIO' : undefined;
  };
  const first = await committer.commit(committable);
  t.is(first.kind, 'retry');
  t.regex(first.kind === 'retry' ? first.cause : '', /OP-E614[^]*remedy: Check the disk/);
  t.is((await committer.commit(committable)).kind, 'retry');
  t.deepEqual(await committer.commit(committable), { kind: 'committed' });
  const { pendingPath, finishedPath } = committable;
  t.deepEqual(renames, [pendingPath, finishedPath, pendingPath, finishedPath, pendingPath]);
  t.deepEqual(await visibleIn(filesystem), [0, 1, 2]);
});

test('a commit that is found done is made durable before it counts', async (t) => {
  const filesystem = new InMemoryFileSystem();
  const committable = await sealed(filesystem);
  filesystem.interfere = ({ operation }) => (operation === 'sync' ? 'EIO' : undefined);
  t.is((await new FileCommitter(filesystem).commit(committable)).kind, 'retry');
  filesystem.interfere = () => undefined;
  t.deepEqual(await new FileCommitter(filesystem).commit(committable), { kind: 'committed' });
  filesystem.crash({ data: false, names: false });
  t.deepEqual(await visibleIn(filesystem), [0, 1, 2]);
});

test('of two committers at once one renames, and both find it committed', async (t) => {
  const filesystem = new InMemoryFileSystem();
  const committable = await sealed(filesystem);
  let isOther = false;
  filesystem.interfere = ({ operation }) => {
    if (operation !== 'rename' || isOther) return undefined;
    isOther = true;
    void filesystem.rename(committable.pendingPath, committable.finishedPath);
    return undefined;
  };
  const committer = new FileCommitter(filesystem);
  t.is((await committer.commit(committable)).kind, 'retry');
  t.deepEqual(await committer.commit(committable), { kind: 'committed' });
  t.deepEqual(await visibleIn(filesystem), [0, 1, 2]);
});

test('a directory that became read-only fails the commit and keeps the data', async (t) => {
  const filesystem = new InMemoryFileSystem();
  const committable = await sealed(filesystem);
  filesystem.interfere = ({ operation }) => (operation === 'rename' ? 'EROFS' : undefined);
  const result = await new FileCommitter(filesystem).commit(committable);
  t.is(result.kind, 'failed');
  t.regex(result.kind === 'failed' ? result.cause : '', /OP-E611 .*may not be written[^]*remedy:/);
  filesystem.interfere = () => undefined;
  t.deepEqual(await new FileCommitter(filesystem).commit(committable), { kind: 'committed' });
});

for (const [failure, code] of [
  ['ENOSPC', 'OP-E612'],
  ['EROFS', 'OP-E611'],
  ['EACCES', 'OP-E611'],
  ['EIO', 'OP-E614'],
] as const) {
  for (const operation of ['makeDirectory', 'create', 'append', 'sync', 'rename']) {
    test(`${failure} in ${operation} ends the attempt with ${code}, nothing is lost`, async (t) => {
      const filesystem = new InMemoryFileSystem();
      const sink = fileSink({ bufferBytes: 2 });
      const run = new SinkRun({ sink, filesystem, record: (id: number) => id });
      await run.start(1, undefined);
      filesystem.interfere = (call) =>
        call.operation === operation && call.path !== '/' ? failure : undefined;
      // Ancestors that may not be read are passed over; the directory itself is not.
      const attempt = async (): Promise<unknown> => {
        await run.write(4);
        return run.prepare();
      };
      const error = await t.throwsAsync(attempt, { instanceOf: OnceproofError });
      t.is(error?.code, code);
      t.regex(error?.place ?? '', /^\/data/);
      t.truthy(error?.remedy);
      t.deepEqual(await visibleIn(filesystem), []);
      filesystem.interfere = () => undefined;
      await run.start(1, undefined);
      await run.write(4);
      const checkpoint = await run.prepare();
      await run.commit(checkpoint.id);
      t.deepEqual(await visibleIn(filesystem), [0, 1, 2, 3]);
    });
  }
}

test('a name that an earlier run has finished is not taken again', async (t) => {
  const filesystem = new InMemoryFileSystem();
  const committable = await sealed(filesystem);
  await new FileCommitter(filesystem).commit(committable);
  const again = t.throwsAsync(() => sealed(filesystem), { instanceOf: OnceproofError });
  t.is((await again)?.code, 'OP-E616');
  t.deepEqual(await visibleIn(filesystem), [0, 1, 2]);
});

test('a zombie that wakes before it has looked removes nothing of a later attempt', async (t) => {
  const filesystem = new InMemoryFileSystem();
  const sink = fileSink();
  const committable = await sealed(filesystem);
  const zombie = {
    subtaskIndex: 0,
    parallelism: 1,
    random: new SeededRandom('zombie'),
    filesystem,
    fencingToken: '1-0',
    restoredCheckpoint: undefined,
  };
  await sink.abortLingering(zombie);
  t.truthy(await filesystem.status(committable.pendingPath));
  await sink.abortLingering({
    ...zombie,
    fencingToken: '1-2',
    restoredCheckpoint: checkpointId(1),
  });
  t.truthy(await filesystem.status(committable.pendingPath), 'it is in checkpoint 1');
  await sink.abortLingering({ ...zombie, fencingToken: '1-2' });
  t.is(await filesystem.status(committable.pendingPath), undefined);
});

test('only unfinished files of the same prefix are taken for lingering', (t) => {
  const name = '0-1_2-00c0ffee-7.jsonl';
  t.deepEqual(parseUnfinished('part', `.part-${name}.pending-12`), {
    subtaskIndex: 0,
    token: '1_2',
    uid: '00c0ffee',
    sealedAfter: 12,
  });
  t.is(parseUnfinished('part', `.part-${name}.inprogress`)?.sealedAfter, undefined);
  for (const other of [
    `part-${name}`,
    `.part-1-${name}.inprogress`,
    `.apart-${name}.inprogress`,
    `.part-${name}.inprogress.txt`,
    '.part-notes.inprogress',
    '.gitignore',
  ]) {
    t.is(parseUnfinished('part', other), undefined, other);
  }
});

test('tokens compare by number, whatever their length', (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(), fc.nat(), (epoch, attempt, epoch2, attempt2) => {
      const order = compareTokens(`${epoch}_${attempt}`, `${epoch2}_${attempt2}`);
      return Math.sign(order) === Math.sign(epoch - epoch2 || attempt - attempt2);
    }),
  );
  t.true(compareTokens('1', '1_0') < 0);
});

test('the writer holds back input while the disk is slow, and takes it again', async (t) => {
  const filesystem = new InMemoryFileSystem();
  const sink = fileSink({ bufferBytes: 2 });
  const held: (() => Promise<void>)[] = [];
  const writer = sink.createWriter({
    subtaskIndex: 0,
    random: new SeededRandom('slow'),
    filesystem,
    fencingToken: '1-1',
    restoredCheckpoint: undefined,
    wakeUp: () => {},
    io: (_label, operation, done) => {
      held.push(async () => done(await operation()));
    },
  });
  while (writer.isAvailable()) writer.write(1, 0);
  for (let release = held.shift(); release !== undefined; release = held.shift()) {
    await release();
  }
  t.true(writer.isAvailable());
});

test('a checkpoint without records waits for what an earlier one sealed', async (t) => {
  const filesystem = new InMemoryFileSystem();
  const held: (() => Promise<void>)[] = [];
  const writer = fileSink().createWriter({
    subtaskIndex: 0,
    random: new SeededRandom('slow'),
    filesystem,
    fencingToken: '1-1',
    restoredCheckpoint: undefined,
    wakeUp: () => {},
    io: (_label, operation, done) => {
      held.push(async () => done(await operation()));
    },
  });
  writer.write(1, 0);
  const first = writer.prepareCommit(checkpointId(1), false);
  const second = writer.prepareCommit(checkpointId(2), false);
  t.deepEqual(second.committables, []);
  let isDurable = false;
  const watch = async (): Promise<void> => {
    await second.durable;
    isDurable = true;
  };
  const durable = watch();
  const pendingPath = first.committables[0]?.pendingPath ?? '';
  for (let release = held.shift(); release !== undefined; release = held.shift()) {
    t.false(isDurable);
    await release();
  }
  await durable;
  filesystem.crash({ data: false, names: false });
  t.truthy(await filesystem.status(pendingPath));
  t.is(writer.prepareCommit(checkpointId(3), false).durable, undefined, 'all is settled');
});

test('a file that somebody else changed while it was written is not sealed', async (t) => {
  const filesystem = new InMemoryFileSystem();
  const run = new SinkRun({ sink: fileSink(), filesystem, record: (id: number) => id });
  filesystem.interfere = ({ operation, path }) => {
    if (operation === 'sync' && path.endsWith('.inprogress')) {
      void filesystem.append(path, new Uint8Array([0x0a]));
    }
    return undefined;
  };
  await run.start(1, undefined);
  await run.write(1);
  const error = await t.throwsAsync(() => run.prepare(), { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E616');
});

test('a wrong option is refused with its name', (t) => {
  for (const [options, option] of [
    [{ directory: 'relative' }, 'directory'],
    [{ prefix: '.hidden' }, 'prefix'],
    [{ maxPartBytes: 0 }, 'maxPartBytes'],
    [{ bufferBytes: Number.NaN }, 'bufferBytes'],
  ] as const) {
    const error = t.throws(() => fileSink(options), { instanceOf: OnceproofError });
    t.is(error?.code, 'OP-E302');
    t.is(error?.place, `FileSink.${option}`);
  }
});
