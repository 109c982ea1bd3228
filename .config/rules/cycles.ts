// No two files import each other, not even through others and not even for types: a cycle means
// that neither can be read, tested or moved without the other. Tarjan's strongly connected parts.
import type { Finding, TreeRule } from './finding.ts';
import { importsOf } from './imports.ts';
import type { SourceFile } from './source-file.ts';

const RULE = 'import-cycles';

interface Visit {
  readonly index: number;
  low: number;
  isOpen: boolean;
}

export const cycles: TreeRule = {
  name: RULE,
  check: (files) => new CycleSearch(files).run(),
};

class CycleSearch {
  readonly #arrows = new Map<string, Map<string, number>>();
  readonly #visits = new Map<string, Visit>();
  readonly #open: string[] = [];
  readonly #findings: Finding[] = [];

  constructor(files: readonly SourceFile[]) {
    for (const file of files) {
      const targets = new Map<string, number>();
      for (const { target, line } of importsOf(file)) {
        if (target !== undefined) targets.set(target, line);
      }
      this.#arrows.set(file.path, targets);
    }
  }

  run(): Finding[] {
    for (const path of this.#arrows.keys()) if (!this.#visits.has(path)) this.#visit(path);
    return this.#findings;
  }

  #visit(path: string): Visit {
    const visit: Visit = { index: this.#visits.size, low: this.#visits.size, isOpen: true };
    this.#visits.set(path, visit);
    this.#open.push(path);
    for (const target of this.#targetsOf(path).keys()) this.#follow(visit, target);
    if (visit.low === visit.index) this.#close(path);
    return visit;
  }

  #follow(visit: Visit, target: string): void {
    if (!this.#arrows.has(target)) return;
    const known = this.#visits.get(target);
    if (known === undefined) visit.low = Math.min(visit.low, this.#visit(target).low);
    else if (known.isOpen) visit.low = Math.min(visit.low, known.index);
  }

  #close(root: string): void {
    const members = this.#open.splice(this.#open.indexOf(root));
    for (const member of members) {
      const visit = this.#visits.get(member);
      if (visit !== undefined) visit.isOpen = false;
    }
    const isLoop = members.length > 1 || this.#targetsOf(root).has(root);
    if (isLoop) this.#findings.push(this.#report(root, members));
  }

  #report(root: string, members: readonly string[]): Finding {
    const path = this.#shortestLoop(root, new Set(members));
    return {
      rule: RULE,
      path: root,
      line: this.#targetsOf(root).get(path[1] ?? root) ?? 1,
      problem: `is in a cycle of ${members.length} files: ${path.join(' -> ')}`,
      remedy: 'move what both need into a third file, or pass it as an argument',
    };
  }

  #shortestLoop(root: string, members: ReadonlySet<string>): string[] {
    const queue: string[][] = [[root]];
    const seen = new Set<string>();
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      for (const target of this.#targetsOf(path.at(-1) ?? root).keys()) {
        if (target === root) return [...path, root];
        if (!members.has(target) || seen.has(target)) continue;
        seen.add(target);
        queue.push([...path, target]);
      }
    }
    return [root];
  }

  #targetsOf(path: string): ReadonlyMap<string, number> {
    return this.#arrows.get(path) ?? new Map();
  }
}
