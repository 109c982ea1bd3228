// Carries out checkpoint corruption: once a checkpoint has completed, one of its files is damaged
// and the whole cluster loses power, so that the damaged checkpoint is what a restore will find.

import type { Address } from '../../engine/environment/network.ts';
import type { Random } from '../../engine/environment/random.ts';
import type {
  CorruptionFault,
  FaultHandlers,
  SimulatedDisk,
  World,
} from '../../simulator/index.ts';

export interface CorruptionOptions {
  readonly world: World;
  readonly disk: SimulatedDisk;
  readonly hosts: readonly Address[];
  /** Below these lie checkpoints. */
  readonly directories: readonly string[];
  /** Told of every file that was damaged. */
  readonly damaged: (path: string) => void;
}

const DOWN_MS = 200;
const STRIKES_WITHIN_MS = 120;
const CHECKPOINT_FILE = /\/chk-([0-9]+)\/[^/]+$/;

export function corruptionHandler(
  options: CorruptionOptions,
): NonNullable<FaultHandlers['corrupt']> {
  const { world } = options;
  const dice = world.random.fork('corruption');
  return (fault, injected) => {
    let active = true;
    world.onMark('checkpoint-completed', fault.afterCheckpoint, () => {
      // As a step of its own: the mark is announced in the middle of the JobManager's work. At once
      // nothing has been committed; a while later it has.
      world.at(
        world.nowMs + dice.below(STRIKES_WITHIN_MS),
        `corrupt a checkpoint: ${fault.corruption}`,
        () => {
          if (!active || !damage(options, fault, dice)) return;
          injected();
          loseAllPower(options);
        },
      );
    });
    return () => {
      active = false;
    };
  };
}

function loseAllPower({ world, hosts }: CorruptionOptions): void {
  for (const host of hosts) {
    if (world.stateOf(host) === 'down') continue;
    if (world.stateOf(host) === 'paused') world.wake(host);
    world.crash(host);
    world.at(world.nowMs + DOWN_MS, `restart ${host}`, () => {
      if (world.stateOf(host) === 'down') world.restart(host);
    });
  }
}

/** False if there was nothing to damage. */
function damage(options: CorruptionOptions, fault: CorruptionFault, dice: Random): boolean {
  const files = checkpointFiles(options);
  const newest = Math.max(0, ...files.map(({ checkpoint }) => checkpoint));
  const eligible = files.filter(
    ({ checkpoint }) => fault.artefact === 'any' || checkpoint === newest,
  );
  const chosen = eligible[dice.below(Math.max(1, eligible.length))];
  if (chosen === undefined) return false;
  const { disk } = options;
  const sizeBytes = disk.snapshotView().readAll(chosen.path).get(chosen.path)?.length ?? 0;
  switch (fault.corruption) {
    case 'bit-flip':
      if (sizeBytes === 0) return false;
      disk.flipBit(chosen.path, dice.below(sizeBytes * 8));
      break;
    case 'truncate':
      if (sizeBytes === 0) return false;
      disk.truncateTo(chosen.path, dice.below(sizeBytes));
      break;
    case 'missing':
      disk.removeFile(chosen.path);
      break;
    case 'swap': {
      const others = files.filter(({ path }) => path !== chosen.path);
      const other = others[dice.below(Math.max(1, others.length))];
      if (other === undefined) return false;
      disk.swap(chosen.path, other.path);
      options.damaged(other.path);
      break;
    }
  }
  options.damaged(chosen.path);
  return true;
}

function checkpointFiles({
  disk,
  directories,
}: CorruptionOptions): readonly { readonly path: string; readonly checkpoint: number }[] {
  return (
    directories
      .flatMap((directory) => disk.listAll(directory))
      // A second name of a file that is being published: the damage would be under the first one.
      .filter((path) => !path.endsWith('.inprogress'))
      .flatMap((path) => {
        const match = CHECKPOINT_FILE.exec(path);
        return match?.[1] === undefined ? [] : [{ path, checkpoint: Number(match[1]) }];
      })
  );
}
