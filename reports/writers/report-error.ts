/**
 * Why something about a report could not be read or written, as a value.
 * Nothing in this folder throws for a full disk, a missing file or a read-only directory.
 */

/** `code` can be looked up with `onceproof explain`. */
export interface ReportFailed {
  readonly kind: 'report-failed';
  readonly code: 'OP-E701' | 'OP-E702' | 'OP-E703' | 'OP-E704' | 'OP-E705';
  readonly path: string;
  readonly cause: string;
  readonly remedy: string;
}

const REMEDIES: Readonly<Record<ReportFailed['code'], string>> = {
  'OP-E701': 'Name a directory you may write to with --out; the event log is untouched',
  'OP-E702': 'Free space or choose another --out, then run "onceproof report"; nothing is lost',
  'OP-E703': 'Check the path; "onceproof run" writes events.ndjson into its output directory',
  'OP-E704': 'Free space or choose another --out; the lines before this one are on disk',
  'OP-E705': 'Check GITHUB_STEP_SUMMARY; the same text is in summary.md',
};

const CAUSES: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'Cannot write: permission denied'],
  ['EPERM', 'Cannot write: operation not permitted'],
  ['EROFS', 'Cannot write: the file system is read-only'],
  ['ENOSPC', 'Cannot write: the disk is full'],
  ['EDQUOT', 'Cannot write: the disk quota is used up'],
  ['ENOTDIR', 'Cannot use the path: a part of it is a file'],
  ['EEXIST', 'Cannot use the path: a file is in the way'],
  ['EISDIR', 'Cannot use the path: it is a directory'],
  ['ENOENT', 'Cannot find the file'],
]);

export function reportFailed(
  code: ReportFailed['code'],
  path: string,
  error: unknown,
): ReportFailed {
  const name = isSystemError(error) ? error.code : '';
  const cause = CAUSES.get(name) ?? `Cannot finish: ${String(error)}`;
  return { kind: 'report-failed', code, path, cause, remedy: REMEDIES[code] };
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
