// `onceproof checkpoint` as a user meets it, on checkpoints that a real job has left behind: what
// is whole is said to be, what is damaged is named, and the exit code says which.

import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { crc32c } from '../../../engine/core/crc32c.ts';
import { type Ended, onceproof } from '../testing/command.ts';
import { type StoredJob, storedJob } from '../testing/stored-checkpoints.ts';

const directory = mkdtempSync(join(tmpdir(), 'onceproof-cli-'));
let job: StoredJob;

test.before(async () => {
  job = await storedJob('counting');
});

function run(...words: readonly string[]): Promise<Ended> {
  return onceproof(['checkpoint', ...words], { directory });
}

/** What the job has left, to be damaged; it is whole again after the test. */
function toDamage(t: ExecutionContext): StoredJob {
  const whole = mkdtempSync(join(tmpdir(), 'onceproof-whole-'));
  cpSync(job.base, whole, { recursive: true });
  t.teardown(() => {
    rmSync(job.base, { recursive: true });
    cpSync(whole, job.base, { recursive: true });
    rmSync(whole, { recursive: true });
  });
  return job;
}

function filesIn(checkpoint: string): readonly string[] {
  return readdirSync(checkpoint).map((name) => join(checkpoint, name));
}

function artefactOf(checkpoint: string): string {
  const path = filesIn(checkpoint).find((name) => !name.endsWith('/_metadata'));
  if (path === undefined) throw new Error(`Nothing but metadata in ${checkpoint}`);
  return path;
}

function change(path: string, how: (bytes: Buffer) => Uint8Array): void {
  writeFileSync(path, how(readFileSync(path)));
}

function flip(bytes: Buffer): Uint8Array {
  const at = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return bytes;
}

/** Everything below a directory, as one text. */
function fingerprint(base: string): string {
  const hash = createHash('sha256');
  const names = readdirSync(base, { recursive: true, withFileTypes: true });
  for (const entry of names.filter((one) => one.isFile())) {
    hash
      .update(join(entry.parentPath, entry.name))
      .update(readFileSync(join(entry.parentPath, entry.name)));
  }
  return hash.digest('hex');
}

function jsonOf({ stdout }: Ended): readonly Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test.serial('verify finds nothing wrong, whichever way a checkpoint is named', async (t) => {
  const [older, newer] = job.checkpoints;
  const before = fingerprint(job.base);
  for (const [place, said] of [
    [job.directory, '2 checkpoints'],
    [`${job.directory}/`, '2 checkpoints'],
    [job.base, '3 checkpoints'],
    [newer, '1 checkpoint'],
    [join(older, '_metadata'), '1 checkpoint'],
    [job.savepoint, '1 checkpoint'],
    [dirname(job.savepoint), '1 checkpoint'],
    [`file://${newer}`, '1 checkpoint'],
  ] as const) {
    const { exit, stdout, stderr } = await run('verify', place);
    t.is(exit, 0, stdout + stderr);
    t.is(stderr, '');
    t.true(stdout.endsWith(` exit 0: no damage in ${said}\n`), stdout);
  }
  t.is(fingerprint(job.base), before, 'looking changes nothing');
});

interface Case {
  readonly what: string;
  readonly damage: (stored: StoredJob) => string;
  readonly code: string;
}

const CASES: readonly Case[] = [
  {
    what: 'a flipped bit in an artefact',
    damage: ({ checkpoints }) => damaged(artefactOf(checkpoints[1]), flip),
    code: 'OP-E503',
  },
  {
    what: 'a truncated artefact',
    damage: ({ checkpoints }) =>
      damaged(artefactOf(checkpoints[1]), (bytes) => bytes.subarray(0, 9)),
    code: 'OP-E502',
  },
  {
    what: 'a missing artefact',
    damage: ({ checkpoints }) => removed(artefactOf(checkpoints[1])),
    code: 'OP-E501',
  },
  {
    what: 'an artefact written twice over',
    damage: ({ checkpoints }) =>
      damaged(artefactOf(checkpoints[1]), (bytes) => Buffer.concat([bytes, bytes])),
    code: 'OP-E503',
  },
  {
    what: 'the artefact of an older checkpoint',
    damage: ({ checkpoints: [older, newer] }) =>
      damaged(artefactOf(newer), () => readFileSync(artefactOf(older))),
    code: 'OP-E50[23]',
  },
  {
    what: 'a flipped bit in the metadata',
    damage: ({ checkpoints }) => damaged(join(checkpoints[1], '_metadata'), flip),
    code: 'OP-E503',
  },
  {
    what: 'truncated metadata',
    damage: ({ checkpoints }) =>
      damaged(join(checkpoints[1], '_metadata'), (bytes) => bytes.subarray(0, 40)),
    code: 'OP-E502',
  },
  {
    what: 'a wrong length in the header',
    damage: ({ checkpoints }) =>
      damaged(join(checkpoints[1], '_metadata'), (bytes) => {
        bytes.writeUInt32BE(bytes.readUInt32BE(8) + 1, 8);
        return bytes;
      }),
    code: 'OP-E502',
  },
  {
    what: 'the metadata of an older checkpoint',
    damage: ({ checkpoints: [older, newer] }) =>
      damaged(join(newer, '_metadata'), () => readFileSync(join(older, '_metadata'))),
    code: 'OP-E503',
  },
];

function damaged(path: string, how: (bytes: Buffer) => Uint8Array): string {
  change(path, how);
  return path;
}

function removed(path: string): string {
  rmSync(path);
  return path;
}

for (const { what, damage, code } of CASES) {
  test.serial(`verify names ${what}, and exits with 1`, async (t) => {
    const stored = toDamage(t);
    const path = damage(stored);
    const { exit, stdout } = await run('verify', stored.directory);
    t.is(exit, 1, stdout);
    t.regex(stdout, new RegExp(`${code}  ${path.replaceAll('.', '\\.')}\n`));
    t.regex(stdout, new RegExp(` ✓ ${basename(stored.checkpoints[0])} `), 'the older one is whole');
    t.true(stdout.endsWith(' exit 1: 1 of 2 checkpoints damaged\n'), stdout);
    const json = jsonOf(await run('verify', stored.directory, '--json'));
    const faults = json.flatMap(({ faults: some }) => (some ?? []) as { place: string }[]);
    t.true(faults.some(({ place }) => place === path));
    t.like(json.at(-1), { type: 'checkpoint.verdict', verdict: 'damaged', damaged: 1, exit: 1 });
  });
}

test.serial('a checkpoint of another job, or under another number, is named', async (t) => {
  const stored = toDamage(t);
  const other = await storedJob('other');
  const renumbered = join(stored.directory, 'chk-500');
  cpSync(stored.checkpoints[1], renumbered, { recursive: true });
  const misplaced = await run('verify', renumbered);
  t.is(misplaced.exit, 1);
  t.regex(misplaced.stdout, /OP-E503 .*chk-500\/_metadata\n.*It is the metadata of checkpoint \d/);
  rmSync(renumbered, { recursive: true });
  const [, theirs] = other.checkpoints;
  rmSync(join(stored.directory, basename(theirs)), { recursive: true, force: true });
  cpSync(theirs, join(stored.directory, basename(theirs)), { recursive: true });
  cpSync(stored.savepoint, join(stored.directory, 'savepoint-here'), { recursive: true });
  const { exit, stdout } = await run('verify', stored.directory);
  t.is(exit, 1, stdout);
  t.regex(stdout, /OP-E503 .*_metadata\n.*It is of job "\w+", and stands among/);
});

test.serial('a copy says that it still refers to files of the original', async (t) => {
  const elsewhere = join(mkdtempSync(join(tmpdir(), 'onceproof-copy-')), 'copied');
  cpSync(job.directory, elsewhere, { recursive: true });
  const { exit, stdout } = await run('verify', elsewhere);
  t.is(exit, 0);
  t.regex(stdout, /! 2 artefacts lie outside of it, the first at \S+chk-\d/);
  const moved = join(dirname(elsewhere), 'moved-savepoint');
  cpSync(job.savepoint, moved, { recursive: true });
  t.notRegex((await run('verify', moved)).stdout, /outside/);
});

test.serial('what never became complete is told apart, and is no damage', async (t) => {
  const stored = toDamage(t);
  const half = join(stored.directory, 'chk-900');
  mkdirSync(half);
  writeFileSync(join(half, 'op-1'), 'half an artefact');
  const { exit, stdout } = await run('verify', stored.directory);
  t.is(exit, 0, stdout);
  t.regex(stdout, / ○ chk-900 +incomplete/);
  const alone = await run('verify', half);
  t.is(alone.exit, 4, 'nothing was verified, which is no success');
  t.regex(alone.stdout, / exit 4: nothing to verify/);
  const listed = await run('list', stored.directory);
  t.regex(listed.stdout, / {3}chk-900 +incomplete, 1 file\n/);
  t.regex(listed.stdout, / 2 checkpoints · 1 incomplete/);
});

test.serial('list says what, when and how large; inspect what is in it', async (t) => {
  const listed = await run('list', job.directory);
  t.is(listed.exit, 0);
  t.is(
    listed.stdout.match(
      / {3}chk-\d+ +#\d+ +\d{4}-\d\d-\d\dT\S+Z +\d\.\d KB +5 artefacts +checkpoint of "counting"/g,
    )?.length,
    2,
  );
  const savepoint = await run('list', job.savepoint);
  t.regex(savepoint.stdout, / savepoint of "counting"/);

  const inspected = await run('inspect', job.directory);
  t.is(inspected.exit, 0, inspected.stdout);
  const newest = basename(job.checkpoints[1]).slice('chk-'.length);
  t.regex(inspected.stdout, new RegExp(`^ checkpoint ${newest} of "counting"\n`));
  t.regex(inspected.stdout, /vertex "numbers" {2}parallelism 2 of 8/);
  t.regex(inspected.stdout, /operator ".*" {2}uid "count"/);
  t.regex(inspected.stdout, /0 {2}keyed state {2}key groups 0-3 {2}.* B {2}exclusive/);
  t.regex(inspected.stdout, /count {2}value +\d+ entries/);
});

test.serial('--json has the same facts for machines', async (t) => {
  const [row] = jsonOf(await run('list', job.checkpoints[1], '--json'));
  t.like(row, { type: 'checkpoint', jobName: 'counting', isComplete: true, kind: 'checkpoint' });
  const [inspected] = jsonOf(await run('inspect', job.checkpoints[1], '--json'));
  t.like(inspected, { type: 'checkpoint.inspected', jobName: 'counting', faults: [] });
  const artefacts = (inspected?.['artefacts'] ?? []) as {
    readonly role: string;
    readonly states: readonly { readonly name: string; readonly entries: number }[];
  }[];
  const keyed = artefacts.filter(({ role }) => role === 'keyed-state');
  const entries = keyed.flatMap(({ states }) => states.map((state) => state.entries));
  t.is(keyed.length, 2);
  t.true(entries.reduce((sum, some) => sum + some, 0) <= 50);
  t.true(entries.every((some) => some > 0));
});

test.serial('inspect shows damage where it is', async (t) => {
  const stored = toDamage(t);
  const path = damaged(artefactOf(stored.checkpoints[1]), flip);
  const { exit, stdout } = await run('inspect', stored.directory);
  t.is(exit, 1);
  t.regex(stdout, new RegExp(`${path}  ✗ OP-E503`));
  damaged(join(stored.checkpoints[1], '_metadata'), flip);
  const blind = await run('inspect', stored.checkpoints[1]);
  t.is(blind.exit, 1);
  t.regex(blind.stdout, /^ OP-E503 .*_metadata\n/);
});

test.serial('encrypted checkpoints need their key, and say so', async (t) => {
  const bytes = Buffer.alloc(32, 7);
  const stored = await storedJob('secret', {
    encryption: { key: () => ({ id: 'k1', bytes: new Uint8Array(bytes) }) },
  });
  const raw = join(directory, 'key.raw');
  const hex = join(directory, 'key.hex');
  const wrong = join(directory, 'wrong.raw');
  writeFileSync(raw, bytes);
  writeFileSync(hex, `${bytes.toString('hex')}\n`);
  writeFileSync(wrong, Buffer.alloc(32, 8));
  t.false(readFileSync(join(stored.checkpoints[1], '_metadata')).includes('secret'));
  for (const file of [raw, hex]) {
    const { exit, stdout, stderr } = await run(
      'verify',
      stored.directory,
      '--key-file',
      `k1=${file}`,
    );
    t.is(exit, 0, stdout + stderr);
  }
  const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /OP-E574 .*it is encrypted\n.*\n.*encryption/],
    [['--key-file', `k1=${wrong}`], /OP-E572 .*"k1" is another one/],
    [['--key-file', `k2=${raw}`], /OP-E571 .*"k1" is not among those provided/],
    [['--key-file', raw], /OP-E579 .*id=path/],
    [['--key-file', 'k1=nowhere'], /OP-E579 .*cannot be read/],
    [
      ['--key-file', `k1=${join(stored.checkpoints[1], '_metadata')}`],
      /OP-E579 .*neither 32 bytes/,
    ],
  ];
  for (const [words, says] of mistakes) {
    const { exit, stderr } = await run('verify', stored.directory, ...words);
    t.is(exit, 64, stderr);
    t.regex(stderr, says);
  }
  change(artefactOf(stored.checkpoints[1]), flip);
  const { exit, stdout } = await run('verify', stored.directory, '--key-file', `k1=${raw}`);
  t.is(exit, 1);
  t.regex(stdout, /OP-E503 .*\n.*Cannot decrypt an artefact: its bytes/);
});

const MISTAKES: readonly (readonly [readonly string[], number, RegExp])[] = [
  [[], 64, /OP-E113 Cannot tell what to do with checkpoints/],
  [['verfy', '.'], 64, /OP-E112 .*Did you mean "verify"/],
  [['verify'], 64, /OP-E113 .*there is no place/],
  [['verify', ''], 64, /OP-E113 .*there is no place/],
  [['verify', 'a', 'b'], 64, /OP-E113 .*several places/],
  [['verify', 'nowhere'], 64, /OP-E575 .*there is nothing\n {2}at \S+nowhere/],
  [['list', '.'], 64, /OP-E576 .*nothing here looks like one/],
  [['inspect', 'x'.repeat(300)], 2, /FileSystemError: .*\n exit 2: inconclusive/],
  [['verify', '.', '--kye-file=x'], 64, /OP-E110 .*Did you mean "--key-file"/],
];

for (const [words, exit, says] of MISTAKES) {
  test.serial(`mistake: onceproof checkpoint ${JSON.stringify(words).slice(0, 40)}`, async (t) => {
    const ended = await run(...words);
    t.is(ended.exit, exit, ended.stderr);
    t.regex(ended.stderr, says);
    t.is(ended.stdout, '');
  });
}

test.serial('a file that is no checkpoint, and one of another version, are told', async (t) => {
  const plain = join(directory, 'plain.txt');
  writeFileSync(plain, 'text');
  t.regex((await run('verify', plain)).stderr, /OP-E576/);
  const stored = toDamage(t);
  const path = join(stored.checkpoints[1], '_metadata');
  change(path, (bytes) => {
    bytes.writeUInt32BE(99, 4);
    bytes.writeUInt32BE(crc32c(bytes.subarray(16), crc32c(bytes.subarray(0, 12))), 12);
    return bytes;
  });
  const { exit, stdout } = await run('verify', stored.checkpoints[1]);
  t.is(exit, 1);
  t.regex(stdout, /OP-E504 .*\n.*format version 99/);
});
