#!/usr/bin/env node
// The launcher behind `onceproof`: starts the command line on a Node that can run it. That is
// TypeScript in the repository, where main.ts lies beside this file, and JavaScript in the package.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startHere } from './start-here.js';

const isRepository = existsSync(new URL('./main.ts', import.meta.url));
const repository = isRepository ? fileURLToPath(new URL('../../', import.meta.url)) : undefined;

await startHere(repository, () => import(isRepository ? './main.ts' : './main.js'));
