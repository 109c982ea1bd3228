// `npm run build` compiles the package into .dist, a folder that can be published as it is;
// `npm run pack` makes the tarball from it. The repository itself is private and never packed.
import { chmodSync, copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedManifest, type RepositoryManifest } from './manifest.ts';
import { ROOT, run, runCompiler } from './process.ts';

const STAGE = join(ROOT, '.dist');
const DOCUMENTS = ['LICENSE', 'README.md', 'CHANGELOG.md'];

/**
 * Published beside the code, though no code imports them: the schemas of what the package writes.
 */
const ASSETS = '{engine,simulator,scenarios,reports}/**/*.schema.json';

async function build(): Promise<number> {
  rmSync(STAGE, { recursive: true, force: true });
  const { exitCode } = await runCompiler(['--project', '.config/tsconfig.build.json']);
  if (exitCode !== 0) return exitCode;
  const manifest = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  ) as RepositoryManifest;
  const text = JSON.stringify(publishedManifest(manifest), undefined, 2);
  writeFileSync(join(STAGE, 'package.json'), `${text}\n`);
  for (const name of [...DOCUMENTS, ...globSync(ASSETS, { cwd: ROOT })]) {
    copyFileSync(join(ROOT, name), join(STAGE, name));
  }
  chmodSync(join(STAGE, 'scenarios/cli/onceproof.js'), 0o755);
  console.log(`Built ${manifest.name} ${manifest.version} in .dist`);
  return 0;
}

/** Into the staging folder itself: the top level of the repository stays as it is. */
async function pack(): Promise<number> {
  const { exitCode } = await run({
    program: process.platform === 'win32' ? 'npm.cmd' : 'npm',
    args: ['pack', '--ignore-scripts', '--loglevel=error'],
    directory: STAGE,
  });
  return exitCode;
}

const built = await build();
process.exitCode = built === 0 && process.argv.includes('--pack') ? await pack() : built;
