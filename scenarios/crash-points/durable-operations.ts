// The steps of a run that a crash must not separate badly: everything that a host of the cluster
// does to a disk, and every request to a service and its answer. Found in the recording of a run.

import { type Address, address } from '../../engine/environment/network.ts';
import type { TraceEntry } from '../../simulator/index.ts';

export interface DurableOperation {
  readonly step: number;
  readonly timeMs: number;
  /** Who loses power before and after it: the host that asked for it. */
  readonly host: Address;
  /** What it is, without what differs from one to the next: numbers, ids, tokens. */
  readonly title: string;
}

const CHANGES = /^(write|create|append|truncate|sync|rename|link|remove|make directory) (\/.*)$/;
const REQUEST = /^http (request|answer) (.*)$/;

/** Of the given hosts, in the order of their steps. */
export function durableOperations(
  trace: readonly TraceEntry[],
  hosts: readonly Address[],
): readonly DurableOperation[] {
  const known = new Set<string>(hosts);
  return trace.flatMap((entry) => {
    const { step, timeMs, kind } = entry;
    const found = kind === 'io' ? fileOperation(entry) : serviceOperation(entry);
    if (found === undefined || !known.has(found.host)) return [];
    return [{ step, timeMs, host: address(found.host), title: found.title }];
  });
}

interface Found {
  readonly host: string;
  readonly title: string;
}

function fileOperation({ host, text }: TraceEntry): Found | undefined {
  const [, operation, path] = CHANGES.exec(text) ?? [];
  if (operation === undefined || path === undefined) return undefined;
  return { host, title: `${operation} ${patternOf(path)}` };
}

/** A request crashes who sent it, as it arrives; an answer who waits for it. */
function serviceOperation({ kind, text, from, to }: TraceEntry): Found | undefined {
  const [, what, rest = ''] = kind === 'message' ? (REQUEST.exec(text) ?? []) : [];
  if (what === undefined) return undefined;
  if (what === 'answer')
    return to === undefined ? undefined : { host: to, title: `answer ${rest}` };
  const url = rest.replace(/^(\S+) https?:\/\/[^/]*/, '$1 ').replace(/\?.*$/, '');
  return from === undefined ? undefined : { host: from, title: patternOf(url) };
}

/** Numbers, ids and tokens are what differs between two operations of one kind. */
export function patternOf(path: string): string {
  return path
    .replace(/\.inprogress[^/]*$/, '.inprogress')
    .split('/')
    .map((name) => (/^[a-z]+(-[a-z]+)*(\.[a-z]+)*$/.test(name) ? name : maskOf(name)))
    .join('/');
}

function maskOf(name: string): string {
  return name
    .replace(/\b(?=[0-9a-f]*[0-9])[0-9a-f]{8,}\b/g, '*')
    .replace(/[0-9]+/g, '*')
    .replace(/\*([-._]\*)+/g, '*');
}
