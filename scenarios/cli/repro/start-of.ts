// Where a shrink begins: with the run itself, everything of its seed written out, or with a repro
// that is to become smaller still. A repro that does not fail anymore is searched for again from
// the run that it was made of.

import { OnceproofError } from '../../../engine/core/errors.ts';
import { formatRunId, parseRunId, type RunId } from '../../seeds.ts';
import type { FailingCase } from '../../shrink/failing-case.ts';
import type { caseOf, CaseRun, runCase } from '../../shrink/run-case.ts';
import { isSameViolation, type Violation, violationOf } from '../../shrink/same-violation.ts';
import type { simulate } from '../../simulate.ts';
import type { Request } from './request.ts';

export interface Start {
  readonly case: FailingCase;
  readonly violation: Violation;
  /** The run that everything goes back to. */
  readonly from: string;
  /** Of that run, not of what was made of it. */
  readonly faultsBefore: number;
}

/** Of modules that load the engine, which is not done before its mutant is in place. */
export interface Tools {
  readonly simulate: typeof simulate;
  readonly runCase: typeof runCase;
  readonly caseOf: typeof caseOf;
}

/** Throws OP-E159 where nothing fails. */
export async function startOf(request: Request, run: CaseRun, tools: Tools): Promise<Start> {
  if (request.kind === 'run') return startOfSeed(request.id, run, tools);
  const { repro } = request;
  const expected = { property: repro.expect.violates, message: repro.expect.message };
  const again = violationOf(await tools.runCase(run, repro.case));
  const isStill = again !== undefined && isSameViolation(again, expected);
  const faultsBefore = repro.case.plan.faults.length;
  if (isStill) return { case: repro.case, violation: expected, from: repro.from, faultsBefore };
  const id = parseRunId(repro.from);
  if (id === undefined) throw nothingFails(request.name);
  return startOfSeed(id, run, tools);
}

async function startOfSeed(id: RunId, { scenario, stage }: CaseRun, tools: Tools): Promise<Start> {
  const { backend, seed } = id;
  const from = formatRunId(id);
  const result = await tools.simulate({ scenario, backend, seed, ...stage });
  const violation = violationOf(result);
  if (violation === undefined) throw nothingFails(from);
  return {
    case: tools.caseOf(scenario, { backend, seed }, result),
    violation,
    from,
    faultsBefore: result.plan.faults.length,
  };
}

export function nothingFails(name: string): OnceproofError {
  return new OnceproofError('OP-E159', `Cannot shrink ${name}: all its properties hold`, {
    remedy:
      'It is fixed, or the engine, the scenario or the simulator has changed since: run the ' +
      'suite again, or name the mutant that it was found with',
  });
}
