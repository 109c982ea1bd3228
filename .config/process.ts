// Starts the tools of this repository: by their own files, with the Node that runs this program, so
// that neither PATH nor the `.bin` links decide which compiler or which Node does the work.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface Outcome {
  readonly exitCode: number;
  /** Standard output and standard error as they came, interleaved. */
  readonly output: string;
  /** Standard output alone: what a program means to be read by another. */
  readonly stdout: string;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly directory?: string;
  readonly isQuiet?: boolean;
}

/** Runs to the end; a failure is a value, because every caller goes on to say what failed. */
export function run(command: Command): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command.program, command.args, {
      cwd: command.directory ?? ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let stdout = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      if (command.isQuiet !== true) process.stdout.write(chunk);
    };
    child.stdout.on('data', collect);
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8');
    });
    child.stderr.on('data', collect);
    child.on('error', (error) => {
      resolve({
        exitCode: 127,
        output: `${output}${error.message}
`,
        stdout,
      });
    });
    child.on('close', (code) => resolve({ exitCode: code ?? 1, output, stdout }));
  });
}

export function runNode(args: readonly string[]): Promise<Outcome> {
  return run({ program: process.execPath, args });
}

/** The compiler that checks and builds here; package `typescript` is 6, for tools that need it. */
export function runCompiler(args: readonly string[]): Promise<Outcome> {
  return runNode(['node_modules/typescript7/bin/tsc', ...args]);
}
