// A worker process: loads the scenarios, then carries out batches of runs and sends each result as
// it is there. It reads nothing but its messages and writes nothing; it ends when its parent does.

import { OnceproofError } from '../../../engine/core/errors.ts';
import { loadCatalog } from '../suite/catalog.ts';
import { appliedMutant } from '../mutants/load-hook.ts';
import { toErrorText } from './error-text.ts';
import { type FromWorker, type RunRequest, type ToWorker, WORKER_VARIABLES } from './messages.ts';
import { Runner } from './run-once.ts';

const files = JSON.parse(process.env[WORKER_VARIABLES.files] ?? '[]') as readonly string[];
const mutant = process.env[WORKER_VARIABLES.mutant];

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

async function start(): Promise<void> {
  try {
    const catalog = await loadCatalog(files);
    const { simulate } = await import('../../simulate.ts');
    const runner = new Runner(catalog, simulate);
    process.on('unhandledRejection', (error) => {
      // Where nothing runs it is a bug of ours, which must end the process.
      if (!runner.blame(error)) throw error;
    });
    process.on('message', (message: ToWorker) => void runBatch(runner, message.runs));
    send({ kind: 'ready' });
  } catch (error) {
    send({ kind: 'load-failed', error: toErrorText(error) });
    process.disconnect?.();
  }
}

async function runBatch(runner: Runner, runs: readonly RunRequest[]): Promise<void> {
  for (const request of runs) {
    if (!process.connected) return;
    const { sequence } = request;
    try {
      const done = await runner.run(request);
      refuseIdleMutant();
      send(done);
    } catch (error) {
      send({ kind: 'run-failed', sequence, error: toErrorText(error) });
    }
  }
}

/** A mutant that was asked for and is not in what runs would make a survivor of nothing. */
function refuseIdleMutant(): void {
  if (mutant === undefined || appliedMutant() === mutant) return;
  throw new OnceproofError('OP-E142', `Cannot use mutant "${mutant}": its module is not loaded`, {
    remedy: 'Name a file of the engine that the scenarios use',
  });
}

// Ctrl-C goes to the whole process group; the parent decides when the workers end.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
await start();
