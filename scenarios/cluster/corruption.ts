// Carries out checkpoint corruption: once a checkpoint has completed, one of its artefacts is
// damaged and the whole cluster loses power, so that the damaged checkpoint is what a restore will
// find.

import type { Address } from '../../engine/environment/network.ts';
import type { Random } from '../../engine/environment/random.ts';
import type { CorruptionFault, FaultHandlers, World } from '../../simulator/index.ts';
import type { ArtefactKeeper, Artefacts } from './backends/backend-profile.ts';

export interface CorruptionOptions {
  readonly world: World;
  /** They lose power; whoever keeps the artefacts does not. */
  readonly hosts: readonly Address[];
  readonly artefacts: ArtefactKeeper;
  /** Told of every file that was damaged. */
  readonly damaged: (path: string) => void;
  /** Whether a job that has lost these may still be asked to recover, or may refuse. */
  readonly maySpoil: (paths: readonly string[]) => boolean;
}

const DOWN_MS = 200;
const STRIKES_WITHIN_MS = 120;
/** Of `_metadata`: magic, version, then the length of the rest. */
const METADATA_LENGTH_OFFSET = 8;
const FOOTER_BYTES = 8;
const LENGTH_OFFSET_MIN = 16;
/** Of one checkpoint alone, or made for it and shared with later ones. */
const CHECKPOINT_FILES: readonly RegExp[] = [/\/chk-([0-9]+)\/[^/]+$/, /\/shared\/([0-9]+)-[^/]+$/];

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
          if (!active) return;
          damage(options, fault, dice, () => {
            injected();
            loseAllPower(options);
          });
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

type Changes = ReadonlyMap<string, Uint8Array | undefined>;

/** Calls `done` unless there was nothing to damage. */
function damage(
  { world, artefacts, damaged, maySpoil }: CorruptionOptions,
  fault: CorruptionFault,
  dice: Random,
  done: () => void,
): void {
  artefacts.readAll((all) => {
    const changes = changesOf(all ?? new Map(), fault, dice);
    if (changes.size === 0) return;
    if (!maySpoil([...changes.keys()])) {
      world.note(`corruption is withheld: the job needs ${[...changes.keys()].join(' and ')}`);
      return;
    }
    artefacts.change(changes, (isDone) => {
      if (!isDone) return;
      for (const path of changes.keys()) damaged(path);
      done();
    });
  });
}

function changesOf(all: Artefacts, fault: CorruptionFault, dice: Random): Changes {
  const files = checkpointFiles(all);
  const newest = Math.max(0, ...files.map(({ checkpoint }) => checkpoint));
  const eligible = files.filter(
    ({ checkpoint }) => fault.artefact === 'any' || checkpoint === newest,
  );
  const chosen = eligible[dice.below(Math.max(1, eligible.length))];
  if (chosen === undefined) return new Map();
  const { path, bytes } = chosen;
  switch (fault.corruption) {
    case 'bit-flip':
      if (bytes.length === 0) return new Map();
      return new Map([[path, withFlippedBit(bytes, dice.below(bytes.length * 8))]]);
    case 'truncate':
      if (bytes.length === 0) return new Map();
      return new Map([[path, bytes.slice(0, dice.below(bytes.length))]]);
    case 'missing':
      return new Map([[path, undefined]]);
    case 'swap': {
      const others = files.filter((file) => file.path !== path);
      const other = others[dice.below(Math.max(1, others.length))];
      if (other === undefined) return new Map();
      return new Map([
        [other.path, bytes],
        [path, other.bytes],
      ]);
    }
    case 'stale': {
      const older = files.filter((file) => file.checkpoint < chosen.checkpoint);
      const other = older[dice.below(Math.max(1, older.length))];
      return other === undefined ? new Map() : new Map([[path, other.bytes]]);
    }
    case 'duplicate':
      if (bytes.length === 0) return new Map();
      return new Map([[path, Uint8Array.of(...bytes, ...bytes)]]);
    case 'wrong-length':
      if (bytes.length < LENGTH_OFFSET_MIN) return new Map();
      return new Map([[path, withWrongLength(path, bytes)]]);
  }
}

/** Of metadata in its header; of other formats in their footer, where they have an index. */
export function withWrongLength(path: string, bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  const offset = path.endsWith('/_metadata') ? METADATA_LENGTH_OFFSET : bytes.length - FOOTER_BYTES;
  const view = new DataView(changed.buffer);
  view.setUint32(offset, (view.getUint32(offset) - 1) >>> 0);
  return changed;
}

/** Counted from the lowest bit of the first byte. */
function withFlippedBit(bytes: Uint8Array, bitIndex: number): Uint8Array {
  const flipped = bytes.slice();
  const offset = Math.floor(bitIndex / 8);
  flipped[offset] = (flipped[offset] ?? 0) ^ (1 << (bitIndex % 8));
  return flipped;
}

interface CheckpointFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly checkpoint: number;
}

function checkpointFiles(all: Artefacts): readonly CheckpointFile[] {
  return (
    [...all]
      // A second name of a file that is being published: the damage would be under the first one.
      .filter(([path]) => !/\.inprogress[^/]*$/.test(path))
      .flatMap(([path, bytes]) => {
        const checkpoint = checkpointOf(path);
        return checkpoint === undefined ? [] : [{ path, bytes, checkpoint }];
      })
  );
}

function checkpointOf(path: string): number | undefined {
  for (const pattern of CHECKPOINT_FILES) {
    const digits = pattern.exec(path)?.[1];
    if (digits !== undefined) return Number(digits);
  }
  return undefined;
}
