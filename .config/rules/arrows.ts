// The arrows of the house: engine <- simulator <- scenarios -> reports. The engine and the reports
// import nobody, so each can be understood, tested and replaced alone.
import type { FileRule, Finding } from './finding.ts';
import { type Import, importsOf } from './imports.ts';
import { type Area, areaOf, isFencedPath, isTestPath } from './place.ts';
import type { SourceFile } from './source-file.ts';

const RULE = 'import-arrows';

const ALLOWED: Readonly<Record<Area, { readonly areas: readonly Area[]; readonly law: string }>> = {
  engine: { areas: ['engine'], law: 'engine imports nobody; take what you need as an argument' },
  reports: { areas: ['reports'], law: 'reports imports nobody; it reads the event log' },
  simulator: {
    areas: ['simulator', 'engine'],
    law: 'simulator imports only engine/core and engine/environment',
  },
  scenarios: {
    areas: ['scenarios', 'simulator', 'engine', 'reports'],
    law: 'scenarios imports engine, simulator and reports',
  },
  tooling: {
    areas: ['tooling', 'scenarios', 'simulator', 'engine', 'reports'],
    law: 'tooling imports what it checks',
  },
};

export const arrows: FileRule = {
  name: RULE,
  check: (file) =>
    importsOf(file).flatMap((found) => {
      const problem = objection(file, found);
      return problem === undefined ? [] : [finding(file, found, problem)];
    }),
};

function objection(file: SourceFile, found: Import): string | undefined {
  const target = found.target;
  if (target === undefined) return undefined;
  const { areas, law } = ALLOWED[file.area];
  if (!areas.includes(areaOf(target))) return law;
  if (file.area === 'simulator' && areaOf(target) === 'engine' && !isSeam(target)) return law;
  if (!file.isTest && isTestPath(target)) return 'only tests import tests';
  if (file.isFenced && !isFencedPath(target)) {
    return 'it lies outside the fence and may use Node: take what you need as an argument';
  }
  if (found.specifier.startsWith('.') && !/\.(ts|js)$/.test(target)) {
    return 'name the file with its extension, as in ./x.ts';
  }
  return undefined;
}

function isSeam(target: string): boolean {
  return target.startsWith('engine/core/') || target.startsWith('engine/environment/');
}

function finding(file: SourceFile, found: Import, law: string): Finding {
  const problem = `imports "${found.specifier}"`;
  return { rule: RULE, path: file.path, line: found.line, problem, remedy: law };
}
