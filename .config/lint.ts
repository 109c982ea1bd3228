// `npm run lint`: oxlint with type information over every source file. Warnings fail, because a
// warning that is tolerated once is never read again.
import { runNode } from './process.ts';

const { exitCode } = await runNode([
  'node_modules/oxlint/bin/oxlint',
  '--config',
  '.config/oxlint.json',
  '--type-aware',
  '--deny-warnings',
  'engine',
  'simulator',
  'scenarios',
  'reports',
  '.config',
  ...process.argv.slice(2),
]);
process.exitCode = exitCode;
