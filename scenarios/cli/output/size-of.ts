// The size of a file as people read it.

import { statSync } from 'node:fs';

export function sizeOf(path: string): string {
  const { size } = statSync(path);
  return size < 1_000_000 ? `${Math.ceil(size / 1_000)} KB` : `${(size / 1_000_000).toFixed(1)} MB`;
}
