// Decides whether this Node can run the code, whether the repository's own Node must, or neither.
// Pure and old-fashioned on purpose: it takes what it needs to know as arguments, so that a test
// can play an old Node, and it uses no syntax newer than Node 14.

/** Type stripping without a flag came with 22.18; the package needs the same APIs. */
const REQUIRED_NODE = { major: 22, minor: 18 };

/**
 * @typedef {object} World
 * @property {string} nodeVersion `process.versions.node`.
 * @property {string} nodePath The running executable; it is never restarted into itself.
 * @property {string} platform `linux-x64`, as in the names of the platform packages.
 * @property {string | undefined} repository Where a clone lies, ending in a slash; a user has none.
 * @property {(path: string) => boolean} exists
 */

/**
 * @typedef {{ kind: 'here' }
 *   | { kind: 'restart', node: string }
 *   | { kind: 'refuse', text: string }} Decision
 */

/**
 * @param {string} version
 * @returns {boolean}
 */
export function isSupportedNode(version) {
  const parts = version.split('.').map(Number);
  const major = parts[0] === undefined ? 0 : parts[0];
  const minor = parts[1] === undefined ? 0 : parts[1];
  if (major !== REQUIRED_NODE.major) return major > REQUIRED_NODE.major;
  return minor >= REQUIRED_NODE.minor;
}

/**
 * The `.bin` folder is not asked for the repository's Node: npm 10 removes that link again when it
 * drops the package of the other architecture.
 *
 * @param {World} world
 * @returns {Decision}
 */
export function launch(world) {
  if (isSupportedNode(world.nodeVersion)) return { kind: 'here' };
  if (world.repository === undefined) return { kind: 'refuse', text: refusal(world) };
  const node = `${world.repository}node_modules/node-${world.platform}/bin/node`;
  const canRestart = node !== world.nodePath && world.exists(node);
  return canRestart ? { kind: 'restart', node } : { kind: 'refuse', text: refusal(world) };
}

/**
 * @param {World} world
 * @returns {string}
 */
function refusal(world) {
  const required = `${REQUIRED_NODE.major}.${REQUIRED_NODE.minor}`;
  const remedy =
    world.repository === undefined
      ? 'install Node 24 (https://nodejs.org) and run the command again'
      : 'run "npm ci" here, which brings a Node that fits, or install Node 24';
  return [
    `OP-E100 Cannot start onceproof: it needs Node ${required} or newer, this is ` +
      world.nodeVersion,
    `  at ${world.nodePath}`,
    `  remedy: ${remedy}`,
  ].join('\n');
}
