// Every house rule, applied to a list of files. Knows no disk, so a test can hand it a bad example.
import { ambient } from './ambient.ts';
import { arrows } from './arrows.ts';
import { cycles } from './cycles.ts';
import type { FileRule, Finding, TreeRule } from './finding.ts';
import { packages } from './packages.ts';
import { plainObjects } from './plain-objects.ts';
import { shape } from './shape.ts';
import { sizes } from './sizes.ts';
import type { SourceFile } from './source-file.ts';
import { syntax } from './syntax.ts';

const FILE_RULES: readonly FileRule[] = [
  arrows,
  packages,
  ambient,
  plainObjects,
  syntax,
  sizes,
  shape,
];

const TREE_RULES: readonly TreeRule[] = [cycles];

/** The findings in the order of path and line, whatever order the rules ran in. */
export function checkFiles(files: readonly SourceFile[]): Finding[] {
  const findings = [
    ...files.flatMap((file) => FILE_RULES.flatMap((rule) => rule.check(file))),
    ...TREE_RULES.flatMap((rule) => rule.check(files)),
  ];
  return findings.sort(
    (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line) || 0,
  );
}
