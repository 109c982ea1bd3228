// One side of `onceproof diff`, in a process of its own: an engine is loaded once in a process, and
// the other side may be about another one. Carries out one run, sends what was recorded, and ends.

import { parseRunId } from '../../seeds.ts';
import { OnceproofError } from '../../../engine/core/errors.ts';
import { refuseIdleMutant } from '../repro/load-scenario.ts';
import { isReproFile, readRepro } from '../repro/repro-files.ts';
import type { Request } from '../repro/request.ts';
import { toErrorText } from '../worker/error-text.ts';
import { type FromSide, SIDE_VARIABLE, type SideRequest } from './messages.ts';
import { openSubject } from './open-subject.ts';

async function recordSide(): Promise<FromSide> {
  try {
    const side = JSON.parse(process.env[SIDE_VARIABLE] ?? '{}') as SideRequest;
    const { subject } = await openSubject(requestOf(side));
    const { recordSubject } = await import('../../debug/record.ts');
    const run = await recordSubject(subject);
    refuseIdleMutant(side.mutant);
    return { kind: 'recorded', run };
  } catch (error) {
    return { kind: 'failed', error: toErrorText(error) };
  }
}

function requestOf({ word, files, mutant }: SideRequest): Request {
  const about = { name: word, files, mutant };
  if (isReproFile(word)) return { ...about, kind: 'repro', path: word, repro: readRepro(word) };
  const id = parseRunId(word);
  if (id === undefined) throw new OnceproofError('OP-E125', `Cannot compare "${word}"`);
  return { ...about, kind: 'run', id };
}

const answer = await recordSide();
process.send?.(answer, () => process.disconnect());
