// Rules without dice: they shape links instead of striking at random. A message that a rule does
// not concern passes it unharmed.

import type { Packet, Rule, Verdict } from './network-rules.ts';

const PASS: Verdict = { kind: 'pass' };

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
