// A job whose checkpoints lie in two places, one of which is damaged again and again while hosts
// die and the other one cannot be reached at times. Whatever happens to one place at a time,
// nothing is lost, nothing is repeated, and nobody ever goes back to an older checkpoint.

import test from 'ava';

import type { RepairedArtefact } from '../../engine/checkpoint/replicated-artefact-store.ts';
import type { Random } from '../../engine/environment/random.ts';
import { SeededRandom } from '../../simulator/random.ts';
import { openFs } from '../cluster/backends/directory-backends.ts';
import { openRocksDB } from '../cluster/backends/rocksdb-backend.ts';
import type { OpenBackend } from '../cluster/backends/backend-profile.ts';
import { CHECKPOINT_DIRECTORY } from '../cluster/places.ts';
import { Cluster } from '../support/cluster.ts';
import { MIRROR_DIRECTORY, protectedBackend } from '../support/protected-backend.ts';
import { type Counted, countPerKey, numbers, wrongCount } from '../support/jobs.ts';

const COUNT = 240;
const SEEDS = 8;
const STRIKES = 5;

function started(backend: OpenBackend, seed: string, repairs: RepairedArtefact[]): Cluster {
  return Cluster.start({
    seed,
    backend: protectedBackend(backend, {
      isMirrored: true,
      encryption: { key: () => ({ id: 'k', bytes: new Uint8Array(32).fill(7) }) },
      onRepair: (repair) => repairs.push(repair),
    }),
    job: (env, tools) => {
      env.getCheckpointConfig().setRetainedCheckpoints(2).setDataInlineThreshold(16);
      countPerKey(numbers(env, { count: COUNT, recordsPerSecond: 60 })).sinkTo(tools.sink());
    },
  });
}

/** Some of what both places hold is altered, cut or gone in the first one. */
async function damageSome(cluster: Cluster, dice: Random): Promise<void> {
  const all = await cluster.artefacts();
  const mirrored = new Set(cluster.files(`${MIRROR_DIRECTORY}/`));
  const changes = new Map<string, Uint8Array | undefined>();
  for (const [path, bytes] of all) {
    // On its way to the second place there is one copy only.
    const hasCopy = mirrored.has(path.replace(CHECKPOINT_DIRECTORY, MIRROR_DIRECTORY));
    if (!hasCopy || bytes.length === 0 || dice.below(3) > 0) continue;
    const kind = dice.below(3);
    const at = dice.below(bytes.length);
    if (kind === 0) changes.set(path, bytes.with(at, (bytes[at] ?? 0) ^ 1));
    else changes.set(path, kind === 1 ? bytes.slice(0, at) : undefined);
  }
  await cluster.changeArtefacts(changes);
}

for (const [name, backend] of [
  ['fs', openFs],
  ['rocksdb', openRocksDB],
] as const) {
  test.serial(`${name}: damage to one of two places is never noticed in the output`, async (t) => {
    let repaired = 0;
    for (let index = 0; index < SEEDS; index++) {
      const seed = `00000000005ec0${(index + 16).toString(16)}`;
      const dice = new SeededRandom(seed).fork('strikes');
      const repairs: RepairedArtefact[] = [];
      const cluster = started(backend, seed, repairs);
      await cluster.untilCheckpoint(1);
      for (let strike = 0; strike < STRIKES && !isOver(cluster); strike++) {
        await cluster.forMs(dice.below(400));
        if (dice.chance(0.5)) await cluster.losePower(() => damageSome(cluster, dice));
        else await withoutMirror(cluster, dice);
      }
      const end = await cluster.untilEnd();
      t.is(end.kind, 'job-finished', `${seed} ${JSON.stringify(end)}`);
      t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined, seed);
      repaired += repairs.filter(({ isRepaired }) => isRepaired).length;
    }
    t.true(repaired > SEEDS, `${repaired} repairs`);
  });
}

function isOver(cluster: Cluster): boolean {
  return cluster.events('job-finished').length > 0;
}

/** The second place cannot be reached for a while, in which somebody may die. */
async function withoutMirror(cluster: Cluster, dice: Random): Promise<void> {
  const heal = cluster.cutOff(MIRROR_DIRECTORY);
  await cluster.forMs(dice.below(300));
  const host = dice.chance(0.3) ? 'jm' : cluster.workers()[0];
  if (dice.chance(0.5) && host !== undefined) cluster.kill(host);
  await cluster.forMs(dice.below(300));
  heal();
}
