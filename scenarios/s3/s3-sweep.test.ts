// Many writers against one S3 server that crashes, throttles and loses answers: whatever it has
// said yes to stays, whole, and of those who want one name exactly one gets it.

import test, { type ExecutionContext } from 'ava';
import { OnceproofError } from '../../engine/core/errors.ts';
import type { S3ArtefactStore } from '../../engine/checkpoint/s3/s3-artefact-store.ts';
import { delay } from '../../engine/environment/delay.ts';
import { FileSystemError } from '../../engine/environment/filesystem.ts';
import type { Random } from '../../engine/environment/random.ts';
import { bytesOf, textOf } from '../../engine/environment/vocabulary.contract.ts';
import { installGuard } from '../../simulator/guard/guard.ts';
import { lossy } from '../../simulator/network-rules.ts';
import { S3_PART_BYTES, type S3World, startS3World } from './s3-world.ts';

const SEEDS = Array.from({ length: 6 }, (_, index) => index.toString(16).padStart(16, '5'));
const WRITERS = 4;
const ROUNDS = 10;
const NAMES = 12;

/** `taken`: somebody else's bytes are there. `unknown`: they may be there or not. */
type Ending = 'stored' | 'taken' | 'unknown' | 'aborted';

interface Attempt {
  readonly text: string;
  readonly ending: Ending;
}

interface Played {
  /** By path. */
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>;
  /** What is there in the end, after one more crash. */
  readonly contents: ReadonlyMap<string, string | undefined>;
  readonly listed: readonly string[];
  readonly removed: ReadonlyMap<string, 'removed' | 'unknown'>;
  readonly digest: string;
}

function endingOf(error: unknown): Ending {
  if (error instanceof OnceproofError && error.code === 'OP-E507') return 'taken';
  if (error instanceof FileSystemError) return error.code === 'EEXIST' ? 'taken' : 'unknown';
  throw error;
}

async function tryOnce(
  store: S3ArtefactStore,
  path: string,
  text: string,
  random: Random,
): Promise<Ending> {
  try {
    if (path.includes('pointer')) {
      await store.publish(path, bytesOf(text));
      return 'stored';
    }
    const writer = await store.create(path);
    try {
      for (let at = 0; at < text.length; at += 90)
        await writer.write(bytesOf(text.slice(at, at + 90)));
      if (random.chance(0.15)) {
        await writer.abort();
        return 'aborted';
      }
      await writer.close();
      return 'stored';
    } catch (error) {
      await writer.abort();
      throw error;
    }
  } catch (error) {
    return endingOf(error);
  }
}

function disturb({ world, faults, crashServer }: S3World, random: Random): void {
  world.network.addRule(lossy(random, 30));
  for (let count = 0; count < 8; count += 1) {
    world.at(world.nowMs + 200 + count * 900 + random.below(800), 'crash', crashServer);
  }
  const lost = random.fork('lost');
  const throttled = random.fork('throttled');
  faults.begin({ effect: 'lost', oneIn: 5, random: lost });
  faults.begin({ effect: 'throttled', oneIn: 8, random: throttled });
}

async function play(seed: string): Promise<Played> {
  const guard = installGuard();
  try {
    return await playGuarded(seed, await startS3World({ seed, scope: guard }));
  } finally {
    guard.restore();
  }
}

async function playGuarded(seed: string, s3: S3World): Promise<Played> {
  const { world, environment, store, settle } = s3;
  const random = world.random.fork('sweep');
  disturb(s3, random.fork('disturbances'));
  const attempts = new Map<string, Attempt[]>();
  const removed = new Map<string, 'removed' | 'unknown'>();

  const write = async (name: string): Promise<void> => {
    const dice = random.fork(name);
    const own = store(undefined, { attempts: 3, requestTimeoutMs: 1500 });
    for (let round = 0; round < ROUNDS; round += 1) {
      const index = dice.below(NAMES);
      const path = `/job/${index % 2 === 0 ? 'pointer' : 'artefact'}-${index}`;
      const text = `${seed}/${name}/${round}/`.padEnd(dice.below(4 * S3_PART_BYTES), 'x');
      const ending = await tryOnce(own, path, text, dice);
      attempts.set(path, [...(attempts.get(path) ?? []), { text, ending }]);
      await removeOwn(own, `/scratch/${name}-${round}`, removed);
      await delay(environment(), dice.below(300));
    }
  };
  await settle(inStep(s3, () => Promise.all(['a', 'b', 'c', 'd'].slice(0, WRITERS).map(write))));
  s3.crashServer();
  const reader = store(undefined, { attempts: 30 });
  const contents = new Map<string, string | undefined>();
  for (const path of [...attempts.keys(), ...removed.keys()].sort()) {
    contents.set(path, await settle(contentOf(reader, path)));
  }
  const listed = await settle(reader.list('/job'));
  return { attempts, contents, removed, listed, digest: world.digest };
}

/** Puts what nobody else wants, and takes it away again. */
async function removeOwn(
  store: S3ArtefactStore,
  path: string,
  removed: Map<string, 'removed' | 'unknown'>,
): Promise<void> {
  try {
    await store.publish(path, bytesOf(path));
    await store.remove(path);
    removed.set(path, 'removed');
  } catch (error) {
    endingOf(error);
    removed.set(path, 'unknown');
  }
}

async function contentOf(store: S3ArtefactStore, path: string): Promise<string | undefined> {
  try {
    return textOf(await store.read(path));
  } catch (error) {
    if (error instanceof FileSystemError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Begins work as a step of the world. */
function inStep<T>({ world, environment }: S3World, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    world.at(world.nowMs, 'work', () => {
      environment().expectContinuations();
      work().then(resolve, reject);
    });
  });
}

function judge(t: ExecutionContext, seed: string, played: Played): void {
  for (const [path, attempts] of played.attempts) {
    const content = played.contents.get(path);
    const story = `${seed} ${path}: ${attempts.map(({ ending }) => ending).join()}`;
    const stored = attempts.filter(({ ending }) => ending === 'stored');
    t.true(stored.length <= 1, `several were told that they have the name: ${story}`);
    const mayBe =
      stored.length > 0 ? stored : attempts.filter(({ ending }) => ending === 'unknown');
    const isExplained = mayBe.some(({ text }) => text === content);
    t.true(isExplained || (content === undefined && stored.length === 0), story);
    const isListed = played.listed.includes(path.slice('/job/'.length));
    t.is(isListed, content !== undefined, story);
  }
  for (const [path, ending] of played.removed) {
    if (ending === 'removed') t.is(played.contents.get(path), undefined, `${seed} ${path}`);
  }
}

test.serial('of those who want one name one gets it, and what was stored stays', async (t) => {
  const endings = new Map<string, number>();
  for (const seed of SEEDS) {
    const played = await play(seed);
    judge(t, seed, played);
    for (const { ending } of [...played.attempts.values()].flat()) {
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
    }
  }
  t.log(JSON.stringify([...endings]));
  for (const ending of ['stored', 'taken', 'unknown', 'aborted']) {
    t.true((endings.get(ending) ?? 0) > 3, `${ending}: ${endings.get(ending)}`);
  }
});

test.serial('two runs of one seed are the same', async (t) => {
  for (const seed of SEEDS.slice(0, 2)) t.deepEqual(await play(seed), await play(seed));
});
