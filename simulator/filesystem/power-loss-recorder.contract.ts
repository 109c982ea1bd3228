// Records what power losses leave on a real ext4: runs calls on a file system behind a loop device,
// copies the device after each of them, mounts the copy, whose journal is replayed, and prints what
// is there, a line of JSON for each. Run as root, in a mount namespace of its own:
// unshare -m node power-loss-recorder.contract.ts <directory> <mount options> <seed> <scripts>

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { NodeFileSystem } from '../../engine/environment/node/node-filesystem.ts';
import { SeededRandom } from '../../engine/environment/seeded-random.ts';
import { contentsOf, drawScript, runStep } from './scripted-calls.contract.ts';

const DEVICE_BYTES = 8 * 1024 * 1024;
const STEPS = 12;

const [directory, options, seed, scriptCount] = process.argv.slice(2);
if (directory === undefined || options === undefined) throw new Error('Cannot begin: no directory');
const random = new SeededRandom(seed ?? 'power');
const [device, copy] = [join(directory, 'device'), join(directory, 'copy')];
const [live, found] = [join(directory, 'live'), join(directory, 'found')];
for (const mountPoint of [live, found]) mkdirSync(mountPoint, { recursive: true });

for (let index = 0; index < Number(scriptCount ?? 1); index++) {
  try {
    makeDevice();
    execFileSync('mount', ['-t', 'ext4', '-o', `loop,${options}`, device, live]);
  } catch (error) {
    throw new Error('Cannot mount a loop device', { cause: error });
  }
  try {
    await record();
  } finally {
    execFileSync('umount', [live]);
  }
}

async function record(): Promise<void> {
  const steps = drawScript(random, STEPS, { syncs: 3, sizeBytesMax: 700 });
  const files = new NodeFileSystem(live);
  for (const [index, step] of steps.entries()) {
    await runStep(files, step);
    // Sooner or later a disk writes by itself, and nobody has asked for it.
    if (random.chance(0.15)) execFileSync('sync', ['-f', live]);
    const recorded = { options, steps: steps.slice(0, index + 1), left: await afterPowerLoss() };
    process.stdout.write(`${JSON.stringify(recorded)}\n`);
  }
}

function makeDevice(): void {
  rmSync(device, { force: true });
  writeFileSync(device, '');
  truncateSync(device, DEVICE_BYTES);
  execFileSync('mkfs.ext4', ['-q', '-F', '-b', '1024', '-E', 'lazy_itable_init=0', device]);
}

async function afterPowerLoss(): Promise<unknown[]> {
  copyFileSync(device, copy);
  execFileSync('mount', ['-t', 'ext4', '-o', 'loop', copy, found]);
  try {
    return await contentsOf(new NodeFileSystem(found));
  } finally {
    execFileSync('umount', [found]);
  }
}
