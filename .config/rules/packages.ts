// Which packages may be imported where. Inside the fence only pure ones may, in their places:
// everything there must behave the same on every machine and every replay.
import type { FileRule } from './finding.ts';
import { importsOf } from './imports.ts';
import type { SourceFile } from './source-file.ts';

const RULE = 'package-places';

const FENCED_PACKAGES = new Map([
  ['seedrandom', ['simulator/', 'engine/environment/']],
  ['memfs', ['simulator/']],
  ['@noble/hashes', ['engine/checkpoint/', 'simulator/services/']],
  ['@noble/ciphers', ['engine/checkpoint/']],
  ['fast-xml-parser', ['engine/checkpoint/s3/', 'simulator/services/s3/']],
]);

/** What a user's installation does not have; only files which are not published may import it. */
const DEVELOPMENT_PACKAGES = new Set([
  '@fast-check/ava',
  'ava',
  'fast-check',
  'playwright-core',
  'typescript',
  'typescript7',
  'vega-datasets',
]);

export const packages: FileRule = {
  name: RULE,
  check: (file) =>
    importsOf(file).flatMap(({ specifier, line, target }) => {
      const remedy = target === undefined ? objection(file, specifier) : undefined;
      if (remedy === undefined) return [];
      return [{ rule: RULE, path: file.path, line, problem: `imports "${specifier}"`, remedy }];
    }),
};

function objection(file: SourceFile, specifier: string): string | undefined {
  const name = packageOf(specifier);
  if (isNodeModule(specifier)) {
    if (!specifier.startsWith('node:')) return `write "node:${specifier}"`;
    return file.isFenced
      ? 'node:* is for the real environment, the command line, report writers and tests: ' +
          'take an Environment instead'
      : undefined;
  }
  if (file.isFenced) {
    const places = FENCED_PACKAGES.get(name);
    if (places?.some((place) => file.path.startsWith(place))) return undefined;
    return 'put it behind a port with a real and a simulated implementation';
  }
  if (file.area === 'tooling' || file.isTest || file.isBench) return undefined;
  if (file.path.startsWith('scenarios/flights/')) return undefined;
  return DEVELOPMENT_PACKAGES.has(name) ? 'users do not have it: only tests import it' : undefined;
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

/** Those of the runtime's modules that a habit might import without the prefix. */
const BARE_NODE_MODULES = new Set([
  'assert',
  'buffer',
  'child_process',
  'crypto',
  'events',
  'fs',
  'http',
  'https',
  'module',
  'net',
  'os',
  'path',
  'process',
  'stream',
  'url',
  'util',
  'v8',
  'vm',
  'worker_threads',
  'zlib',
]);

function isNodeModule(specifier: string): boolean {
  return specifier.startsWith('node:') || BARE_NODE_MODULES.has(specifier.split('/', 1)[0] ?? '');
}
