// From a path of the seam to one of the machine: the same mapping as NodeFileSystem has, for
// libraries that open files by themselves.

import { pathNames } from '../path.ts';

/** `root` is the directory that '/' means; empty for the root of the machine. EINVAL. */
export function realPath(root: string, operation: string, path: string): string {
  const base = root === '/' ? '' : root;
  const names = pathNames(operation, path);
  return names.length === 0 ? base || '/' : `${base}/${names.join('/')}`;
}
