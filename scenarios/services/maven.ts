// The jars of a server, from the repository that Maven is set up for. The jars stay in Maven's own
// local repository; what is kept here is the list of their paths.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool } from './tools.ts';

/** A class path, from a pom.xml. Asks Maven only if a jar of the kept list is not there. */
export async function classPathOf(pom: URL, cache: string): Promise<string> {
  const content = await readFile(pom);
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const kept = join(cache, `class-path-${digest}.txt`);
  const known = await readFile(kept, 'utf8').catch(() => '');
  if (known !== '' && known.split(':').every((jar) => existsSync(jar))) return known;
  await mkdir(cache, { recursive: true });
  const fresh = `${kept}.${process.pid}`;
  await runTool({
    program: 'mvn',
    args: [
      '--batch-mode',
      '--no-transfer-progress',
      '--file',
      fileURLToPath(pom),
      // Transfers that a registry drops now and then must not decide over a test run.
      '-Dmaven.wagon.http.retryHandler.count=3',
      `-Dmdep.outputFile=${fresh}`,
      'dependency:build-classpath',
    ],
    directory: dirname(fileURLToPath(pom)),
  });
  const classPath = (await readFile(fresh, 'utf8')).trim();
  await writeFile(fresh, classPath);
  await rename(fresh, kept);
  return classPath;
}
