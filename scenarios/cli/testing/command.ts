// For tests: starts the command line as a user would, in a directory of its own outside of the
// repository, and gives back what it printed.

import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../onceproof.js', import.meta.url));

/** Shrinking takes its time, and has tests of its own. */
const ENVIRONMENT = { NO_COLOR: '1', COLUMNS: '100', ONCEPROOF_SHRINK: 'off' };

export interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** For its standard input; without it there is none. */
  readonly input?: string;
  /** Called with everything printed so far, whenever something is. */
  readonly onOutput?: (text: string, interrupt: (signal: NodeJS.Signals) => void) => void;
}

/** With an empty directory; the operating system clears it away some time. */
export function emptyDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'onceproof-cli-'));
}

export function writeIn(directory: string, name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return `./${name}`;
}

export function onceproof(words: readonly string[], options: StartOptions): Promise<Ended> {
  const { directory, environment = {}, input, onOutput } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--no-warnings', LAUNCHER, ...words], {
      cwd: directory,
      env: { ...ENVIRONMENT, PATH: process.env['PATH'] ?? '', ...environment },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    child.stdin?.on('error', () => undefined).end(input);
    let stdout = '';
    let stderr = '';
    const notice = (): void => onOutput?.(stdout + stderr, (signal) => child.kill(signal));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      notice();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      notice();
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ exit: code ?? (signal === null ? 1 : 128), stdout, stderr });
    });
  });
}
