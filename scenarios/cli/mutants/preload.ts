// Loaded before a worker's own code (`node --import`), so that the mutant is in place before any
// module of the engine is. Without the variable it does nothing.

import { WORKER_VARIABLES } from '../worker/messages.ts';
import { findMutants, installMutant } from './load-hook.ts';

const name = process.env[WORKER_VARIABLES.mutant];
if (name !== undefined) for (const mutant of findMutants(name)) installMutant(mutant);
