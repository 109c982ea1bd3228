// The process that real-kill.test.ts kills: makes the calls it is sent, in its own directory, and
// reports each one that has returned.

import { once } from 'node:events';

import { NodeFileSystem } from '../../engine/environment/node/node-filesystem.ts';
import { runStep, type Step } from './scripted-calls.contract.ts';

const [root] = process.argv.slice(2);
if (root === undefined) throw new Error('Cannot begin: the directory is missing');
const [script] = (await once(process, 'message')) as [readonly Step[]];
const files = new NodeFileSystem(root);
for (const step of script) {
  await runStep(files, step);
  await new Promise((resolve) => process.send?.(step.call, resolve));
}
process.disconnect();
