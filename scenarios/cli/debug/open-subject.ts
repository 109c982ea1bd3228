// From what was asked for on the command line to a run that can be carried out: its scenario is
// loaded, on the engine that it is about. Everything that loads the engine is loaded here and not
// before.

import type { Subject } from '../../debug/subject.ts';
import { formatRunId } from '../../seeds.ts';
import { loadScenario } from '../repro/load-scenario.ts';
import type { Request } from '../repro/request.ts';
import { openStage } from '../repro/stage.ts';

export interface OpenedSubject {
  readonly subject: Subject;
  /** A run id, or the path of a repro; and the mutant. */
  readonly title: string;
}

export async function openSubject(request: Request): Promise<OpenedSubject> {
  const { files, mutant } = request;
  const { scenario: id, backend } = request.kind === 'run' ? request.id : request.repro.case;
  const { entry } = await loadScenario({ scenario: id, backend, files, mutant });
  const { subjectOfCase } = await import('../../debug/subject.ts');
  const stage = openStage();
  const subject =
    request.kind === 'repro'
      ? subjectOfCase(entry.scenario, request.repro.case, stage)
      : { scenario: entry.scenario, backend, seed: request.id.seed, stage };
  return { subject, title: titleOf(request) };
}

export function titleOf(request: Request): string {
  const name = request.kind === 'run' ? formatRunId(request.id) : request.path;
  return request.mutant === undefined ? name : `${name} · mutant ${request.mutant}`;
}
