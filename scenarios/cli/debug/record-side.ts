// Starts the process that carries out one side of a comparison, and gives back what it recorded.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RecordedRun } from '../../debug/compare.ts';
import { formatRunId } from '../../seeds.ts';
import type { Request } from '../repro/request.ts';
import { fromErrorText } from '../worker/error-text.ts';
import { OnceproofError } from '../../../engine/core/errors.ts';
import { type FromSide, SIDE_VARIABLE, type SideRequest } from './messages.ts';

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const MODULE = fileURLToPath(new URL(`./side-process.${EXTENSION}`, import.meta.url));
const LAST_WORDS_MAX = 2_000;

export function recordSide(request: Request): Promise<RecordedRun> {
  const { files, mutant } = request;
  const word = request.kind === 'run' ? formatRunId(request.id) : request.path;
  const side: SideRequest = { word, files, mutant };
  return new Promise((resolve, reject) => {
    const child = fork(MODULE, [], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [
        '--no-warnings',
        ...process.execArgv.filter((flag) => !/^--inspect|^--no-warnings$/.test(flag)),
      ],
      env: { ...process.env, [SIDE_VARIABLE]: JSON.stringify(side) },
      // Traces are long.
      serialization: 'advanced',
    });
    let lastWords = '';
    const keep = (text: string): void => {
      lastWords = `${lastWords}${text}`.slice(-LAST_WORDS_MAX);
    };
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', keep);
    child.on('message', (message: FromSide) => {
      if (message.kind === 'recorded') resolve(message.run);
      else reject(fromErrorText(message.error));
    });
    child.on('error', reject);
    // After an answer this changes nothing.
    child.on('close', (code) => reject(endedEarly(word, code, lastWords)));
  });
}

function endedEarly(word: string, code: number | null, lastWords: string): OnceproofError {
  const end = code === null ? 'it was killed' : `its process ended with ${code}`;
  return new OnceproofError('OP-E170', `Cannot carry out ${word}: ${end}\n${lastWords}`, {
    remedy: 'Replay the run to see it alone',
  });
}
