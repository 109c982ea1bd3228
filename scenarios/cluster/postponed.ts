// A plan of faults that begins later: once there is something to strike.

import type { Fault, FaultPlan } from '../../simulator/index.ts';

/** What waits for a mark comes when it came. */
export function postponed({ healAtMs, faults }: FaultPlan, byMs: number): FaultPlan {
  if (byMs === 0) return { healAtMs, faults };
  return { healAtMs: healAtMs + byMs, faults: faults.map((fault) => later(fault, byMs)) };
}

function later(fault: Fault, byMs: number): Fault {
  if (fault.after !== undefined) return fault;
  if ('atMs' in fault) return { ...fault, atMs: fault.atMs + byMs };
  if ('fromMs' in fault) return { ...fault, fromMs: fault.fromMs + byMs, toMs: fault.toMs + byMs };
  return fault;
}
