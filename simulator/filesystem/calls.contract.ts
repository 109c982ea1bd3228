// Arbitrary calls on a filesystem, for properties: few names, so that they meet, and sizes around
// the sector.

import fc from 'fast-check';

import type { FileSystem } from '../../engine/environment/filesystem.ts';

export type Call = readonly [name: string, run: (files: FileSystem) => Promise<unknown>];

const aName = fc.constantFrom('a', 'b', 'c');
const aPath = fc.array(aName, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join('/')}`);
const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 8 }),
  fc.integer({ min: 500, max: 1_600 }).map((length) => new Uint8Array(length).fill(length)),
);
const aSize = fc.oneof(fc.nat(10), fc.nat(2_000));

export const aCall: fc.Arbitrary<Call> = fc.oneof(
  fc
    .tuple(aPath, aSize, aSize)
    .map(
      ([path, offset, length]): Call => [
        `read ${path} ${offset} ${length}`,
        async (files) => [...(await files.read(path, offset, length))],
      ],
    ),
  ...(['write', 'create', 'append'] as const).map((name) =>
    fc
      .tuple(aPath, someBytes)
      .map(
        ([path, bytes]): Call => [
          `${name} ${path} ${bytes.length}`,
          (files) => files[name](path, bytes),
        ],
      ),
  ),
  fc
    .tuple(aPath, aSize)
    .map(
      ([path, size]): Call => [`truncate ${path} ${size}`, (files) => files.truncate(path, size)],
    ),
  ...(['rename', 'link'] as const).map((name) =>
    fc
      .tuple(aPath, aPath)
      .map(([from, to]): Call => [`${name} ${from} ${to}`, (files) => files[name](from, to)]),
  ),
  ...(['sync', 'remove', 'makeDirectory', 'makeDirectory', 'list', 'status'] as const).map((name) =>
    aPath.map((path): Call => [`${name} ${path}`, (files) => files[name](path)]),
  ),
);
