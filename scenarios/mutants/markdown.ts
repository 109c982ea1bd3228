// The catalog as the tables of docs/mutants.md, by area. A test keeps the two equal.

import type { Mutant } from './mutant.ts';

export function mutantsMarkdown(mutants: readonly Mutant[]): string {
  const areas = [...new Set(mutants.map(({ area }) => area))];
  const bugs = new Set(mutants.flatMap(({ standsFor }) => standsFor));
  const count =
    `${mutants.length} mutants in ${areas.length} areas; ` +
    `${mutants.filter(({ standsFor }) => standsFor.length > 0).length} of them bring back ` +
    `${bugs.size} known bugs.`;
  const sections = areas.map((area) => {
    const rows = mutants.filter((mutant) => mutant.area === area).map(row);
    return `### ${area}\n\n${HEAD}\n${rows.join('\n')}\n`;
  });
  return `${count}\n\n${sections.join('\n')}`;
}

const HEAD = [
  '| Mutant | What it does wrong | Brings back | Operator | Caught by |',
  '|---|---|---|---|---|',
].join('\n');

function row({ name, description, standsFor, operator, expectedProperty }: Mutant): string {
  const bugs = standsFor.length === 0 ? '–' : standsFor.join(', ');
  const cells = [`\`${name}\``, description, bugs, operator, `\`${expectedProperty}\``];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
