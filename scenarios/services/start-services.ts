// Starts the servers that can be started here, all at once, and stops them. A server whose programs
// are missing is left out; one that should start and does not is a failure, not an omission. One
// that runs already, and is named by its variable, is used as it is.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningService, ServiceName, ServiceRecipe } from './service.ts';
import { cacheDirectory, findProgram } from './tools.ts';

export interface LeftOut {
  readonly name: ServiceName;
  readonly missing: readonly string[];
}

export interface FailedStart {
  readonly name: ServiceName;
  readonly problem: string;
}

export interface StartedServices {
  readonly running: readonly RunningService[];
  readonly leftOut: readonly LeftOut[];
  readonly failed: readonly FailedStart[];
  /** Kills what runs and removes its data. */
  stop(): Promise<void>;
}

export type Say = (line: string) => void;

export async function startServices(
  recipes: readonly ServiceRecipe[],
  say: Say,
): Promise<StartedServices> {
  const base = await mkdtemp(join(tmpdir(), 'onceproof-services-'));
  const running: RunningService[] = [];
  const leftOut: LeftOut[] = [];
  const failed: FailedStart[] = [];
  const startOne = async (recipe: ServiceRecipe): Promise<void> => {
    const given = process.env[recipe.variable] ?? '';
    if (given !== '') {
      running.push(givenService(recipe, given));
      say(`${recipe.name}: uses the one at ${given}`);
      return;
    }
    const missing = recipe.needs.filter((program) => findProgram(program) === undefined);
    if (missing.length > 0) {
      leftOut.push({ name: recipe.name, missing });
      say(`${recipe.name}: left out, because ${missing.join(' and ')} cannot be found`);
      return;
    }
    try {
      running.push(await startIn(join(base, recipe.name), recipe, say));
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      failed.push({ name: recipe.name, problem });
      say(`${recipe.name}: does not start: ${problem}`);
    }
  };
  await Promise.all(recipes.map(startOne));
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((service) => service.stop()));
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  };
  return { running, leftOut, failed, stop };
}

function givenService({ name }: ServiceRecipe, url: string): RunningService {
  const stop = (): Promise<void> => Promise.resolve();
  return { name, url, version: `the one at ${url}`, variables: new Map(), stop };
}

async function startIn(
  directory: string,
  recipe: ServiceRecipe,
  say: Say,
): Promise<RunningService> {
  await mkdir(directory, { recursive: true });
  const startedMs = performance.now();
  say(`${recipe.name}: starting`);
  const service = await recipe.start({ directory, cache: cacheDirectory() });
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
  say(`${recipe.name}: ${service.version} at ${service.url}, after ${seconds} s`);
  return service;
}
