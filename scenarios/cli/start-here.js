// Carries out what launch.js decides: goes on in this Node, hands over to the repository's, or says
// why neither is possible. Plain JavaScript for the same reason: an old Node must get through it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { launch } from './launch.js';

/** The command line's code for whatever cannot be loaded; here it is the program itself. */
const EXIT_CANNOT_LOAD = 65;

/**
 * @param {string | undefined} repository Where the clone lies, ending in a slash, if this is one.
 * @param {() => Promise<unknown>} start What to do if this Node fits.
 * @returns {Promise<void>}
 */
export async function startHere(repository, start) {
  const decision = launch({
    nodeVersion: process.versions.node,
    nodePath: process.execPath,
    platform: `${process.platform}-${process.arch}`,
    repository,
    exists: existsSync,
  });
  if (decision.kind === 'here') {
    await start();
  } else if (decision.kind === 'restart') {
    restart(decision.node);
  } else {
    console.error(decision.text);
    process.exitCode = EXIT_CANNOT_LOAD;
  }
}

/**
 * Waits for the child instead of blocking, so that Ctrl-C reaches the child first and its last
 * words are printed before the shell's prompt.
 *
 * @param {string} node
 */
function restart(node) {
  // First in PATH, so that whatever the child starts by name runs on the same Node.
  const PATH = `${dirname(node)}${delimiter}${process.env['PATH'] || ''}`;
  const child = spawn(node, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, PATH },
  });
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(`OP-E100 Cannot start ${node}: ${error.message}\n  remedy: run "npm ci" again`);
    process.exitCode = EXIT_CANNOT_LOAD;
  });
  child.on('exit', (code, signal) => {
    // A process that died of a signal has no exit code; 128 + its number is what shells report.
    process.exitCode = code === null ? 128 + constants.signals[signal || 'SIGTERM'] : code;
  });
}
