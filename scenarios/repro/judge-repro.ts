// What a replayed repro shows. It proves that something is fixed only if everything it stages has
// happened: a fault that never struck proves nothing, and the file is stale.

import { fingerprintOf } from '../run/fingerprint.ts';
import type { RunResult } from '../simulate.ts';
import { isSameViolation, violationOf } from '../shrink/same-violation.ts';
import { describeFault, type Repro } from './repro.ts';

export type ReproOutcome =
  /** `isExact`: with the very message that was recorded, but for numbers. */
  | { readonly kind: 'reproduced'; readonly isExact: boolean }
  | { readonly kind: 'different-violation'; readonly property: string; readonly message: string }
  /** Every fault struck, and every property held. */
  | { readonly kind: 'not-reproduced' }
  /** `fault` is counted from 1. */
  | { readonly kind: 'stale'; readonly fault: number; readonly of: number; readonly text: string };

export function judgeRepro({ expect, case: one }: Repro, result: RunResult): ReproOutcome {
  const found = violationOf(result);
  if (found !== undefined) {
    const expected = { property: expect.violates, message: expect.message };
    if (!isSameViolation(found, expected)) return { kind: 'different-violation', ...found };
    const fingerprint = fingerprintOf({ scenario: one.scenario, ...found });
    return { kind: 'reproduced', isExact: fingerprint === expect.fingerprint };
  }
  const { faults } = one.plan;
  const idle = faults.findIndex((_, index) => (result.strikes[index] ?? 0) === 0);
  const fault = faults[idle];
  if (fault === undefined) return { kind: 'not-reproduced' };
  return { kind: 'stale', fault: idle + 1, of: faults.length, text: describeFault(fault) };
}

/** Of a run that fails as the repro is to. */
export function expectationOf(scenario: string, result: RunResult): Repro['expect'] {
  const { property = 'unnamed', message = '' } = violationOf(result) ?? {};
  return {
    violates: property,
    fingerprint: fingerprintOf({ scenario, property, message }),
    message,
  };
}
