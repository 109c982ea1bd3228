// What the faults of links do to messages, as rules of a network.

import { unreachable } from '../../engine/core/assert.ts';
import type { Address } from '../../engine/environment/network.ts';
import type { Random } from '../../engine/environment/random.ts';
import { type Flow, forgetful } from '../flow-rules.ts';
import { clogged, onlyFor, overflowing, readSlowly, slow } from '../link-rules.ts';
import {
  altering,
  duplicating,
  lossy,
  type Packet,
  type Rule,
  reordering,
  type Verdict,
} from '../network-rules.ts';
import { flowOfSegment } from '../services/http-segment.ts';
import type { LinkFault } from './fault.ts';

export interface LinkStage {
  /** Of this fault alone. */
  readonly random: Random;
  readonly nowMs: number;
  readonly healAtMs: number;
  /** Which connection a message of the program is of; without it none is. */
  readonly flowOf: ((bytes: Uint8Array) => Flow | undefined) | undefined;
}

/** The window begins now: that of a fault tied to a mark began when it was reached. */
export function linkRuleOf(fault: LinkFault, stage: LinkStage): Rule {
  const { random, nowMs, healAtMs, flowOf } = stage;
  const endMs = Math.min(nowMs + fault.toMs - fault.fromMs, healAtMs);
  switch (fault.kind) {
    case 'loss':
      return lossy(random, fault.oneIn);
    case 'duplicate':
      return duplicating(random, fault.oneIn, fault.maxMs);
    case 'reorder':
      return reordering(random, fault.oneIn, fault.maxMs);
    case 'corruption':
      return altering(random, fault.oneIn);
    case 'latency':
      return onlyFor((packet) => concerns(packet, fault.host), slow(fault.addMs));
    case 'clog':
      return onlyFor(isOnWay(fault), clogged(endMs));
    case 'swizzle':
      return swizzled(fault, { nowMs, endMs });
    case 'half-open':
      return onlyFor(
        isOnWay(fault),
        forgetful(({ bytes, isSegment }) => (isSegment ? flowOfSegment(bytes) : flowOf?.(bytes))),
      );
    case 'slow-reader':
      return onlyFor(({ to }) => to === fault.host, readSlowly(fault.eachMs));
    case 'memory-pressure':
      return onlyFor(({ to }) => to === fault.host, overflowing(fault.room, fault.drainMs));
    default:
      return unreachable(fault);
  }
}

function concerns({ from, to }: Packet, host: Address): boolean {
  return from === host || to === host;
}

function isOnWay(fault: Pick<Packet, 'from' | 'to'>): (packet: Packet) => boolean {
  return ({ from, to }) => from === fault.from && to === fault.to;
}

const PASS: Verdict = { kind: 'pass' };

/** When each host stops and goes on, evenly over either half of the window. */
function swizzled(
  { hosts, onward }: Extract<LinkFault, { kind: 'swizzle' }>,
  { nowMs, endMs }: { readonly nowMs: number; readonly endMs: number },
): Rule {
  const halfMs = (endMs - nowMs) / 2;
  const stops = new Map(
    hosts.map((host, at) => [host, nowMs + Math.floor((halfMs * at) / hosts.length)]),
  );
  const goesOn = new Map(
    onward.map((host, at) => [host, endMs - Math.floor((halfMs * at) / onward.length)]),
  );
  const heldUntil = (host: Address, atMs: number): number =>
    atMs < (stops.get(host) ?? Infinity) ? 0 : (goesOn.get(host) ?? 0);
  return ({ from, to, atMs }) => {
    const untilMs = Math.max(heldUntil(from, atMs), heldUntil(to, atMs));
    return untilMs > atMs ? { kind: 'slow', byMs: untilMs - atMs } : PASS;
  };
}
