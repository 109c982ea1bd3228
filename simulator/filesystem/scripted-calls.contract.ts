// Sequences of calls as plain data, so that they can be handed to another process and run on any
// file system. Few names, so that they meet.

import { type FileSystem, FileSystemError } from '../../engine/environment/filesystem.ts';
import type { Random } from '../../engine/environment/random.ts';

export type Step =
  | {
      readonly call: 'write' | 'create' | 'append';
      readonly path: string;
      readonly fill: number;
      readonly sizeBytes: number;
    }
  | { readonly call: 'truncate'; readonly path: string; readonly sizeBytes: number }
  | { readonly call: 'rename' | 'link'; readonly path: string; readonly to: string }
  | { readonly call: 'sync' | 'remove' | 'makeDirectory'; readonly path: string };

const FILES = ['/d/a', '/d/b', '/e/a', '/c'];
const DIRECTORIES = ['/', '/d', '/e'];

export interface ScriptOptions {
  readonly sizeBytesMax?: number;
  /** Out of ten calls. */
  readonly syncs?: number;
}

/** Begins with the directories that it uses. */
export function drawScript(
  random: Random,
  stepCount: number,
  { sizeBytesMax = 1_400, syncs = 1 }: ScriptOptions = {},
): Step[] {
  const steps: Step[] = [
    { call: 'makeDirectory', path: '/d' },
    { call: 'makeDirectory', path: '/e' },
  ];
  while (steps.length < stepCount)
    steps.push(drawStep(random, steps.length, { sizeBytesMax, syncs }));
  return steps;
}

function drawStep(
  random: Random,
  index: number,
  { sizeBytesMax, syncs }: Required<ScriptOptions>,
): Step {
  const path = pick(random, FILES);
  if (random.below(10) < syncs) {
    return { call: 'sync', path: pick(random, [...FILES, ...DIRECTORIES]) };
  }
  const draw = random.below(9);
  if (draw <= 3) {
    const call = pick(random, ['write', 'create', 'append', 'append'] as const);
    // Never 0, which is what a hole reads as.
    const fill = 1 + (index % 255);
    return { call, path, fill, sizeBytes: random.below(sizeBytesMax + 1) };
  }
  if (draw === 4) return { call: 'truncate', path, sizeBytes: random.below(sizeBytesMax + 1) };
  if (draw <= 6) return { call: 'rename', path, to: pick(random, FILES) };
  if (draw === 7) return { call: 'link', path, to: pick(random, FILES) };
  return { call: 'remove', path };
}

/** Returns the code it failed with, if it did. */
export async function runStep(files: FileSystem, step: Step): Promise<string | undefined> {
  try {
    await callOf(files, step);
    return undefined;
  } catch (error) {
    if (error instanceof FileSystemError) return error.code;
    throw error;
  }
}

function callOf(files: FileSystem, step: Step): Promise<void> {
  switch (step.call) {
    case 'write':
    case 'create':
    case 'append':
      return files[step.call](step.path, new Uint8Array(step.sizeBytes).fill(step.fill));
    case 'truncate':
      return files.truncate(step.path, step.sizeBytes);
    case 'rename':
    case 'link':
      return files[step.call](step.path, step.to);
    case 'sync':
    case 'remove':
    case 'makeDirectory':
      return files[step.call](step.path);
  }
}

function pick<T>(random: Random, values: readonly [T, ...T[]] | readonly T[]): T {
  const value = values[random.below(values.length)];
  if (value === undefined) throw new Error('Cannot pick: there is nothing');
  return value;
}

/** Everything below a directory, for comparison. */
export async function contentsOf(files: FileSystem, directory = '/'): Promise<unknown[]> {
  const contents: unknown[] = [];
  for (const name of await files.list(directory)) {
    // Of the real file system's own.
    if (name === 'lost+found') continue;
    const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
    if ((await files.status(path))?.kind === 'file') {
      contents.push([path, runsOf(await files.read(path))]);
    } else {
      contents.push([path], ...(await contentsOf(files, path)));
    }
  }
  return contents;
}

/** Short for files of few different bytes: `3*7 512*0`. */
function runsOf(bytes: Uint8Array): string {
  const runs: string[] = [];
  let start = 0;
  for (let end = 1; end <= bytes.length; end++) {
    if (bytes[end] === bytes[start]) continue;
    runs.push(`${end - start}*${bytes[start]}`);
    start = end;
  }
  return runs.join(' ');
}
