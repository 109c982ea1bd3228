// Makes the new findings of a suite smaller once it is over, each in a process of its own: a
// smaller run may hang or kill its process where the one that was found did not. What cannot be
// made smaller in its time stays as it was found.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type FindingShrunk, parseEventLog } from '../../../reports/index.ts';
import { reproPathOf } from '../repro/repro-files.ts';
import type { FindingEntry } from './finding-book.ts';

export interface ShrinkFindingsOptions {
  readonly findings: readonly FindingEntry[];
  readonly files: readonly string[];
  readonly out: string;
  readonly forMs: number;
  /** The result must not depend on the machine. */
  readonly isStable: boolean;
  readonly onShrunk: (event: FindingShrunk) => void;
  readonly isStopped: () => boolean;
}

/** More than anybody reads; the others can be shrunk by hand. */
const FINDINGS_MAX = 5;
const STABLE_TRIES = 100;
/** For loading, and for what is under way when the time is up. */
const PATIENCE_MS = 30_000;

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const MAIN = fileURLToPath(new URL(`../main.${EXTENSION}`, import.meta.url));

export async function shrinkFindings(options: ShrinkFindingsOptions): Promise<void> {
  for (const { event } of options.findings.slice(0, FINDINGS_MAX)) {
    if (options.isStopped()) return;
    const path = reproPathOf(options.out, event.id, event.fingerprint);
    const shrunk = await shrinkOne(options, event.run, path);
    if (shrunk !== undefined) options.onShrunk({ ...shrunk, id: event.id });
  }
}

function shrinkOne(
  { files, forMs, isStable }: ShrinkFindingsOptions,
  run: string,
  path: string,
): Promise<FindingShrunk | undefined> {
  const budget = isStable ? ['--tries', String(STABLE_TRIES)] : ['--for', `${forMs}ms`];
  const words = ['shrink', ...files, run, '--to', path, '--json', ...budget];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--no-warnings', ...process.execArgv, MAIN, ...words], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const limit = setTimeout(() => child.kill('SIGKILL'), forMs + PATIENCE_MS);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    child.on('error', () => resolve(undefined));
    child.on('close', () => {
      clearTimeout(limit);
      resolve(parseEventLog(text).events.find((event) => event.type === 'finding.shrunk'));
    });
  });
}
