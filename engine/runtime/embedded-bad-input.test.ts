// What users get wrong, and what the world does to them: each is told with code, place and remedy,
// ends the job where no restart can help, and loses nothing of what was committed.

import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';

import type { StreamExecutionEnvironment } from '../api/stream-execution-environment.ts';
import { DiscardingSink } from '../connector/callback-sink.ts';
import { FileSource } from '../connector/file-source.ts';
import { jsonLines } from '../connector/json-lines.ts';
import { crc32c } from '../core/crc32c.ts';
import { type ErrorCode, OnceproofError } from '../core/errors.ts';
import type { Environment } from '../environment/environment.ts';
import { FileSystemError, type FileSystemErrorCode } from '../environment/filesystem.ts';
import { nodeEnvironment } from '../environment/node/node-environment.ts';
import { valueState } from '../operator/state-descriptors.ts';
import {
  EmbeddedBench,
  type EmbeddedBenchOptions,
} from '../environment/node/testing/embedded-bench.ts';

async function openBench(
  t: ExecutionContext,
  options: EmbeddedBenchOptions = {},
): Promise<EmbeddedBench> {
  const bench = await EmbeddedBench.open(options);
  t.teardown(() => bench.close());
  return bench;
}

interface Expected {
  readonly code: ErrorCode;
  readonly message: RegExp;
  readonly place: RegExp;
}

async function fails(
  t: ExecutionContext,
  run: () => unknown,
  expected: Expected,
): Promise<OnceproofError> {
  const error = await t.throwsAsync(async () => run(), { instanceOf: OnceproofError });
  t.is(error?.code, expected.code, error?.message);
  t.regex(error?.message ?? '', expected.message);
  t.regex(error?.place ?? '', expected.place);
  t.truthy(error?.remedy);
  return error ?? new OnceproofError('OP-E600', '');
}

/** Would restart for ever, if it were not for what is tested. */
function patient(env: StreamExecutionEnvironment): StreamExecutionEnvironment {
  return env.setRestartStrategy({ kind: 'fixed-delay', attempts: 1_000_000, delayMs: 10 });
}

function countInto(bench: EmbeddedBench, env = bench.env()): Promise<unknown> {
  env
    .fromGenerator({ count: 300, generate: (index) => index, recordsPerSecond: 100 })
    .uid('numbers')
    .keyBy(() => 'all')
    .reduce((sum, value) => sum + value)
    .uid('sum')
    .sinkTo(bench.sink())
    .uid('sink');
  let checkpoints = 0;
  return env.execute('sum', {
    onEvent: ({ kind }) => {
      if (kind === 'checkpoint-completed' && ++checkpoints === 1) bench.stop();
    },
  });
}

const SUMS = Array.from({ length: 300 }, (_, index) => (index * (index + 1)) / 2);

async function isComplete(t: ExecutionContext, bench: EmbeddedBench): Promise<void> {
  t.deepEqual(await bench.committedNumbers(), SUMS);
}

/** Stops the job halfway, and gives the metadata files of its checkpoints. */
async function stopHalfway(bench: EmbeddedBench): Promise<readonly string[]> {
  await countInto(bench);
  const paths = await readdir(bench.checkpoints, { recursive: true });
  return paths
    .filter((path) => path.endsWith('_metadata') && path.includes('chk-'))
    .map((path) => `${bench.checkpoints}/${path}`);
}

async function resumeToEnd(bench: EmbeddedBench): Promise<void> {
  for (let state: unknown = 'suspended'; state === 'suspended'; ) {
    ({ state } = (await countInto(bench)) as { state: unknown });
  }
}

test('a truncated checkpoint is refused, and restored once it is whole again', async (t) => {
  const bench = await openBench(t);
  const [metadata = ''] = await stopHalfway(bench);
  const whole = await readFile(metadata);
  await truncate(metadata, whole.length - 7);
  const before = await bench.committed();
  const message = /Cannot restore checkpoint \d+, the newest: OP-E502 .* bytes are left/;
  const expected = { code: 'OP-E505', message, place: /chk-\d+\/_metadata/ } as const;
  await fails(t, () => countInto(bench, patient(bench.env())), expected);
  t.deepEqual(await bench.committed(), before);
  await writeFile(metadata, whole);
  await resumeToEnd(bench);
  await isComplete(t, bench);
});

/** As docs/checkpoint-format.md has it: magic, version, length, checksum of all but itself. */
function ofVersion(metadata: Uint8Array, version: number): Uint8Array {
  const bytes = Uint8Array.from(metadata);
  const header = new DataView(bytes.buffer);
  header.setUint32(4, version);
  header.setUint32(12, crc32c(bytes.subarray(16), crc32c(bytes.subarray(0, 12))));
  return bytes;
}

test('a checkpoint of another version is refused and named', async (t) => {
  const bench = await openBench(t);
  const [metadata = ''] = await stopHalfway(bench);
  const whole = await readFile(metadata);
  await writeFile(metadata, ofVersion(whole, 99));
  const message = /Cannot restore checkpoint \d+, the newest: OP-E504 .*99/;
  const expected = { code: 'OP-E505', message, place: /chk-\d+\/_metadata/ } as const;
  await fails(t, () => countInto(bench, patient(bench.env())), expected);
  await writeFile(metadata, whole);
  await resumeToEnd(bench);
  await isComplete(t, bench);
});

test('a parallelism above the maximum is refused before anything runs', async (t) => {
  const bench = await openBench(t);
  const env = bench.env().setMaxParallelism(4);
  const stream = env
    .fromCollection([1])
    .map((value) => value)
    .name('double')
    .setParallelism(5);
  stream.sinkTo(new DiscardingSink());
  const expected = { code: 'OP-E310', message: /maxParallelism is 4/, place: /double/ } as const;
  await fails(t, () => env.execute(), expected);
});

test('a uid that is there twice is refused before anything runs', async (t) => {
  const bench = await openBench(t);
  const env = bench.env();
  const first = env
    .fromCollection([1])
    .map((value) => value)
    .name('first')
    .uid('same');
  first
    .map((value) => value)
    .name('second')
    .uid('same')
    .sinkTo(new DiscardingSink());
  const message = /"same" twice: for "first" and for "second"/;
  await fails(t, () => env.execute(), { code: 'OP-E301', message, place: /second/ });
});

test('malformed configuration is refused where it is set', async (t) => {
  const bench = await openBench(t);
  const setters: readonly (readonly [RegExp, (env: StreamExecutionEnvironment) => unknown])[] = [
    [/state\.backend/, (env) => env.setStateBackend('rocks' as 'fs')],
    [/checkpointing\.interval/, (env) => env.enableCheckpointing(Number.NaN)],
    [/checkpointing\.dir/, (env) => env.setCheckpointStorage('')],
    [/parallelism/, (env) => env.setParallelism(1.5)],
  ];
  for (const [place, set] of setters) {
    await fails(t, () => set(bench.env()), { code: 'OP-E302', message: /Cannot set/, place });
  }
});

test('state that cannot be written ends the job, with operator, state and path', async (t) => {
  const bench = await openBench(t);
  const env = patient(bench.env());
  env
    .fromGenerator({ count: 1_000_000, generate: (index) => index, recordsPerSecond: 1_000 })
    .keyBy((value) => value % 3)
    .process({
      state: { user: valueState<unknown>('user') },
      processElement(value: number, { state }) {
        state.user.update({ profile: { onClick: () => value } });
      },
    })
    .name('profiles')
    .sinkTo(new DiscardingSink());
  await fails(t, () => env.execute(), {
    code: 'OP-E401',
    message: /record\.profile\.onClick: a function/,
    place: /state "user" of operator "profiles"/,
  });
});

test('a function that throws restarts the job, says why each time, and then ends it', async (t) => {
  const bench = await openBench(t);
  const env = bench.env().setRestartStrategy({ kind: 'fixed-delay', attempts: 2, delayMs: 5 });
  const parse = (text: string): number => (JSON.parse(text) as { n: number }).n;
  env.fromCollection(['{"n":1}', 'poison']).map(parse).name('parse').sinkTo(bench.sink());
  const message = /operator "parse" threw SyntaxError/;
  const error = await fails(t, () => env.execute(), { code: 'OP-E201', message, place: /parse/ });
  t.true(error.cause instanceof OnceproofError && error.cause.cause instanceof SyntaxError);
  t.deepEqual(
    bench.failures.map(({ repeated, fromCheckpoint }) => [repeated, fromCheckpoint]),
    [
      [1, undefined],
      [2, undefined],
    ],
  );
  t.true(bench.failures.every(({ cause }) => message.test(cause)));
});

test('a function that returns a promise ends the job at once, though it rejects', async (t) => {
  const bench = await openBench(t);
  const env = patient(bench.env());
  const lookUp = (value: number): Promise<number> => Promise.reject(new Error(`no ${value}`));
  env.fromCollection([1, 2]).map(lookUp).name('look up').sinkTo(new DiscardingSink());
  const expected = { code: 'OP-E202', message: /returned a promise/, place: /look up/ } as const;
  await fails(t, () => env.execute(), expected);
  t.deepEqual(bench.failures, []);
});

test('a poison record in a file ends the job with file, line and offset', async (t) => {
  const bench = await openBench(t);
  const path = `${bench.directory}/in.jsonl`;
  await writeFile(path, '1\n2\n{"broken\n4\n');
  const env = patient(bench.env());
  env.readJsonLines(path).sinkTo(bench.sink());
  const place = /in\.jsonl, line 3, byte offset 4$/;
  await fails(t, () => env.execute('read'), { code: 'OP-E203', message: /in\.jsonl/, place });
  const lenient = patient(bench.env());
  const source = new FileSource({ path, format: jsonLines(), onMalformed: 'skip' });
  lenient.fromSource(source).sinkTo(bench.sink());
  await lenient.execute('read');
  t.deepEqual(await bench.committedNumbers(), [1, 2, 4]);
});

test('an input that is not there ends the job', async (t) => {
  const bench = await openBench(t);
  const env = patient(bench.env());
  env.readJsonLines(`${bench.directory}/none.jsonl`).sinkTo(new DiscardingSink());
  const expected = { code: 'OP-E204', message: /does not exist/, place: /none\.jsonl/ } as const;
  await fails(t, () => env.execute(), expected);
});

/** A machine whose output directory fails, as long as `failure` is set. */
function failingOutput(): { environment: Environment; failure: FileSystemErrorCode | undefined } {
  const environment = nodeEnvironment();
  const { filesystem } = environment;
  const fail = (operation: string, path: string): void => {
    const { failure } = world;
    if (failure === undefined || !path.includes('/output')) return;
    throw new FileSystemError(failure, operation, path);
  };
  const world = {
    failure: undefined as FileSystemErrorCode | undefined,
    environment: {
      ...environment,
      filesystem: {
        read: (path: string, offset?: number, length?: number) =>
          filesystem.read(path, offset, length),
        write: (path: string, bytes: Uint8Array) => filesystem.write(path, bytes),
        create: async (path: string, bytes: Uint8Array) => {
          fail('create', path);
          await filesystem.create(path, bytes);
        },
        append: async (path: string, bytes: Uint8Array) => {
          fail('append', path);
          await filesystem.append(path, bytes);
        },
        truncate: (path: string, sizeBytes: number) => filesystem.truncate(path, sizeBytes),
        sync: (path: string) => filesystem.sync(path),
        rename: (from: string, to: string) => filesystem.rename(from, to),
        link: (existing: string, name: string) => filesystem.link(existing, name),
        remove: (path: string) => filesystem.remove(path),
        makeDirectory: (path: string) => filesystem.makeDirectory(path),
        list: (directory: string) => filesystem.list(directory),
        status: (path: string) => filesystem.status(path),
      },
    },
  };
  return world;
}

test('a full output directory restarts the job until there is room, losing nothing', async (t) => {
  const world = failingOutput();
  const bench = await openBench(t, { environment: world.environment });
  world.failure = 'ENOSPC';
  const env = patient(bench.env());
  env.fromCollection([1, 2, 3]).sinkTo(bench.sink());
  await env.execute('full', {
    onEvent: ({ kind }) => {
      if (kind === 'job-restarting' && bench.failures.length > 2) world.failure = undefined;
    },
  });
  t.true(bench.failures.every(({ cause }) => /^OP-E612 .*is full \(ENOSPC\)/.test(cause)));
  t.true(bench.failures.every(({ cause }) => cause.includes('remedy: Free space')));
  t.deepEqual(await bench.committedNumbers(), [1, 2, 3]);
});

test('a read-only output directory ends the job, which goes on once it is writable', async (t) => {
  const world = failingOutput();
  const bench = await openBench(t, { environment: world.environment });
  await stopHalfway(bench);
  const before = await bench.committed();
  world.failure = 'EROFS';
  const expected = {
    code: 'OP-E611',
    message: /may not be written to/,
    place: /\/output\//,
  } as const;
  await fails(t, () => countInto(bench, patient(bench.env())), expected);
  t.deepEqual(await bench.committed(), before);
  world.failure = undefined;
  await resumeToEnd(bench);
  await isComplete(t, bench);
});
