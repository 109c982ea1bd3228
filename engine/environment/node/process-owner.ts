// Names this process so that another one on the same machine can tell whether it still runs.
// Process ids are used again, so the name has the time at which the process began, where the system
// tells it.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

import type { LeaseOwner } from '../../runtime/job/job-lease.ts';

const NAME = /^process (\d+) on (\S+), started (\S+), number (\S+)$/;

export function processOwner(): LeaseOwner {
  const id = nameOf(process.pid, randomBytes(4).toString('hex'));
  return { id, stateOf };
}

function nameOf(pid: number, number: string): string {
  const host = hostname().replace(/[^\x21-\x7e]/g, '?');
  return `process ${pid} on ${host}, started ${startOf(pid) ?? '?'}, number ${number}`;
}

function stateOf(id: string): 'alive' | 'dead' | 'unknown' {
  const [, pidText, host, start] = NAME.exec(id) ?? [];
  const pid = Number(pidText);
  if (host !== hostname() || !Number.isSafeInteger(pid)) return 'unknown';
  // A job of this very process, which may be over; or of the last one with this id in a container.
  if (pid === process.pid) return start === startOf(pid) ? 'unknown' : 'dead';
  if (!exists(pid)) return 'dead';
  const startNow = startOf(pid);
  if (start === '?' || startNow === undefined) return 'unknown';
  return startNow === start ? 'alive' : 'dead';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Someone else's process exists, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Clock ticks since the machine started, on Linux. The name in parentheses may hold anything. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A process that has ended, and only waits to be noticed, runs no job.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
