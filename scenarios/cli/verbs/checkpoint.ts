// `onceproof checkpoint`: looks at checkpoints and savepoints where they are stored, without a job.
// It only reads.

import { describeError, OnceproofError } from '../../../engine/core/errors.ts';
import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import type { ParsedLine } from '../arguments/command-line.ts';
import { readScreen } from '../arguments/run-settings.ts';
import { Values } from '../arguments/values.ts';
import { inspectCheckpoint } from '../checkpoint/inspect.ts';
import { encryptionFrom } from '../checkpoint/key-files.ts';
import { listCheckpoints } from '../checkpoint/list.ts';
import { openPlace } from '../checkpoint/open-place.ts';
import { verifyCheckpoints } from '../checkpoint/verify.ts';
import { type Context, openScreens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { didYouMean } from '../nearest.ts';

const ACTIONS = {
  verify: verifyCheckpoints,
  list: listCheckpoints,
  inspect: inspectCheckpoint,
} as const;

type Action = keyof typeof ACTIONS;

export async function checkpointVerb(line: ParsedLine, context: Context): Promise<ExitCode> {
  const values = new Values(line.typed, context.environment);
  const screens = openScreens(context, readScreen(values));
  const [word, place, ...others] = line.words;
  const action = actionOf(word);
  if (place === undefined || place === '' || others.length > 0) {
    const problem = others.length > 0 ? 'there are several places' : 'there is no place';
    throw new OnceproofError('OP-E113', `Cannot ${action} checkpoints: ${problem}`, {
      remedy: `Name one directory or URL, as in "onceproof checkpoint ${action} ./checkpoints"`,
    });
  }
  const encryption = encryptionFrom(values.list('key-file'));
  try {
    return await ACTIONS[action](await openPlace(place, encryption), screens);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    // Nothing is known of the checkpoint then, neither good nor bad.
    screens.progress.write(`${describeError(error)}\n`);
    screens.progress.write(' exit 2: inconclusive: the place could not be read\n');
    return 2;
  }
}

function actionOf(word: string | undefined): Action {
  const actions = Object.keys(ACTIONS) as Action[];
  const action = actions.find((known) => known === word);
  if (action !== undefined) return action;
  const remedy = `Use one of ${actions.join(', ')}`;
  if (word === undefined) {
    throw new OnceproofError('OP-E113', 'Cannot tell what to do with checkpoints', { remedy });
  }
  const guess = didYouMean(word, actions);
  throw new OnceproofError('OP-E112', `Cannot "${word}" checkpoints${guess}`, { remedy });
}
