// What the recipes share: programs of this machine, free ports, and a place for downloads outside
// the repository.

import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

export function findProgram(name: string): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface ToolCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly variables?: Readonly<Record<string, string>>;
}

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const OUTPUT_LINES = 40;
/** Of a download or a build. Then something hangs. */
const TOOL_MS_MAX = 600_000;

/** Standard output. Rejects with the end of what the program said, if it fails. */
export function runTool(command: ToolCommand): Promise<string> {
  const { program, args, directory } = command;
  const options = {
    cwd: directory,
    env: { ...process.env, ...command.variables },
    maxBuffer: OUTPUT_BYTES_MAX,
    timeout: TOOL_MS_MAX,
  };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = `${stdout}${stderr}`.trimEnd().split('\n').slice(-OUTPUT_LINES);
      reject(new Error([`${program} has failed:`, ...said].join('\n    ')));
    });
  });
}

/** Different ones, free a moment ago. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => {
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('A socket without a port');
    return bound.port;
  });
  await Promise.all(servers.map(close));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** As the XDG base directories have it. */
export function cacheDirectory(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? '';
  return resolve(base === '' ? join(homedir(), '.cache') : base, 'onceproof', 'services');
}
