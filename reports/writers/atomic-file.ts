/**
 * Writes a file so that readers see the old one or the whole new one, also after a crash.
 * The temporary file stands beside its target, because a rename is atomic in one file system only.
 */
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ReportFailed } from './report-error.ts';
import { reportFailed } from './report-error.ts';

export interface FileWritten {
  readonly kind: 'file-written';
  readonly path: string;
  readonly sizeBytes: number;
}

export async function writeFileAtomically(
  path: string,
  text: string,
): Promise<FileWritten | ReportFailed> {
  const bytes = Buffer.from(text, 'utf8');
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    await writeDurably(temporary, bytes);
    await rename(temporary, path);
    return { kind: 'file-written', path, sizeBytes: bytes.length };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    return reportFailed('OP-E702', path, error);
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync(); // A rename may otherwise survive a crash that the content does not.
  } finally {
    await file.close();
  }
}
