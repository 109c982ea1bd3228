// Which files are ours: every source file of the house and of its tooling, in a stable order.
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { ROOT } from './process.ts';

export const SOURCE_FOLDERS = ['engine', 'simulator', 'scenarios', 'reports', '.config'];

/** Relative to the repository, with forward slashes. */
export function sourcePaths(): string[] {
  return SOURCE_FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .filter((path) => !path.includes('/node_modules/') && !path.endsWith('.d.ts')),
  ).sort();
}
