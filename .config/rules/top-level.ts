// What lies at the top of the house: little, so that a newcomer sees the whole at a glance.
import type { Finding } from './finding.ts';

const RULE = 'top-level';

const ALLOWED = new Set([
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'docs',
  'engine',
  'node_modules',
  'package-lock.json',
  'package.json',
  'reports',
  'scenarios',
  'simulator',
  'tsconfig.json',
]);

export function checkTopLevel(entries: readonly string[]): Finding[] {
  return entries
    .filter((entry) => !entry.startsWith('.') && !ALLOWED.has(entry))
    .map((entry) => ({
      rule: RULE,
      path: entry,
      line: 1,
      problem: 'lies at the top level',
      remedy: `move it into one of the ${ALLOWED.size} entries that exist, or into a dot-folder`,
    }));
}
