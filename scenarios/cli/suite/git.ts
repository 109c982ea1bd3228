// What git knows about the working directory. Outside of a repository, or without git, nothing.

import { spawnSync } from 'node:child_process';

export interface GitState {
  /** 40 digits. */
  readonly sha: string;
  readonly dirty: boolean;
}

export function readGitState(): GitState | null {
  const sha = git('rev-parse', 'HEAD')?.trim();
  if (sha === undefined || !/^[0-9a-f]{40}$/.test(sha)) return null;
  const status = git('status', '--porcelain', '--untracked-files=no');
  return { sha, dirty: status !== undefined && status.trim() !== '' };
}

function git(...words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', words, { encoding: 'utf8', timeout: 5_000 });
  return status === 0 ? stdout : undefined;
}
