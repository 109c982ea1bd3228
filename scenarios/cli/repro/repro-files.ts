// Repro files on disk: read with clear errors, written whole or not at all, and found where they
// are kept. Which of them still fail is not decided here.

import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OnceproofError } from '../../../engine/core/errors.ts';
import { parseRepro } from '../../repro/parse-repro.ts';
import { printRepro, type Repro, REPRO_SUFFIX } from '../../repro/repro.ts';

/** Where repros that a project keeps for good belong. */
const REGRESSIONS = 'scenarios/regressions';

export function isReproFile(word: string): boolean {
  return word.endsWith(REPRO_SUFFIX);
}

/** Throws OP-E155 if there is no such file, and what parsing throws. */
export function readRepro(path: string): Repro {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new OnceproofError('OP-E155', `Cannot read the repro: ${String(error)}`, {
      place: path,
      remedy: 'Check the path; "onceproof shrink" writes such files',
      cause: error,
    });
  }
  return parseRepro(text, path);
}

/** Throws OP-E160. */
export function writeRepro(path: string, repro: Repro): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, printRepro(repro));
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw new OnceproofError('OP-E160', `Cannot write the repro: ${String(error)}`, {
      place: path,
      remedy: 'Make room and the directory writable, or name another one with --out',
      cause: error,
    });
  }
}

/** Those of the last suites, then those that are kept for good; ascending. */
export function listRepros(out: string): readonly string[] {
  return [join(out, 'repros'), REGRESSIONS].flatMap((directory) =>
    globSync(`*${REPRO_SUFFIX}`, { cwd: directory })
      .sort()
      .map((name) => join(directory, name)),
  );
}

/** `repros/F1.repro.json`, unless that is the repro of another bug, found before. */
export function reproPathOf(out: string, name: string, fingerprint: string): string {
  const stem = name.replace(/[^\w.-]+/g, '-');
  const path = join(out, 'repros', `${stem}${REPRO_SUFFIX}`);
  const isFree = !existsSync(path) || fingerprintIn(path) === fingerprint;
  return isFree ? path : join(out, 'repros', `${stem}-${fingerprint}${REPRO_SUFFIX}`);
}

/** Undefined for a file that is no repro: it is not ours to replace. */
function fingerprintIn(path: string): string | undefined {
  try {
    return readRepro(path).expect.fingerprint;
  } catch {
    return undefined;
  }
}
