// Rules without dice: they shape links instead of striking at random. A message that a rule does
// not concern passes it unharmed.

import type { Packet, Rule, Verdict } from './network-rules.ts';

const PASS: Verdict = { kind: 'pass' };
const DROP: Verdict = { kind: 'drop' };

/** Adds latency to every message, in order: a slow link, not a reordering one. */
export function slow(byMs: number): Rule {
  const verdict: Verdict = { kind: 'slow', byMs };
  return () => verdict;
}

/** Holds every message until the given time: then they all arrive at once, in order. */
export function clogged(untilMs: number): Rule {
  return ({ atMs }) => ({ kind: 'slow', byMs: Math.max(0, untilMs - atMs) });
}

/** Applies `rule` to the messages that `concerns` picks; the others draw no dice. */
export function onlyFor(concerns: (packet: Packet) => boolean, rule: Rule): Rule {
  return (packet) => (concerns(packet) ? rule(packet) : PASS);
}

/** A receiver that takes `eachMs` for every message: they queue up in front of it, in order. */
export function readSlowly(eachMs: number): Rule {
  let freeAtMs = 0;
  return ({ atMs }) => {
    freeAtMs = Math.max(atMs, freeAtMs) + eachMs;
    return { kind: 'slow', byMs: freeAtMs - atMs };
  };
}

/**
 * A receiver short of memory: its queue has room for `room` messages and gives one of them to the
 * receiver every `drainMs`. What finds it full is dropped, as by a socket buffer.
 */
export function overflowing(room: number, drainMs: number): Rule {
  let queued = 0;
  let drainedAtMs = 0;
  return ({ atMs }) => {
    const drained = Math.floor((atMs - drainedAtMs) / drainMs);
    queued = Math.max(0, queued - drained);
    drainedAtMs = queued === 0 ? atMs : drainedAtMs + drained * drainMs;
    if (queued >= room) return DROP;
    queued += 1;
    return PASS;
  };
}
