// What a shrink prints: where it began, what each pass made smaller, and what is left.

import type { PassResult, ShrinkResult } from '../../shrink/shrink.ts';
import type { Smallest } from '../../shrink/search.ts';
import type { Screen } from '../output/screen.ts';
import { padTo } from '../output/lay-out.ts';
import { sizeOf } from '../output/size-of.ts';
import { count, duration, plural } from '../output/text.ts';
import type { Start } from '../repro/start-of.ts';

export function startText(name: string, { violation }: Start, smallest: Smallest): string {
  return ` ${name} ${violation.property} · start: ${sizeText(smallest)}`;
}

/** Undefined for a pass that changed nothing. */
export function passText({ pass, before, after, tries }: PassResult): string | undefined {
  if (before.case === after.case) return undefined;
  const steps = `${count(before.attempt.steps)} → ${count(after.attempt.steps)} steps`;
  const what = changesOf(before, after).join(', ');
  return `   ${padTo(pass, 16)} ${padTo(what === '' ? steps : what, 36)} ${plural(tries, 'try')}`;
}

function changesOf(before: Smallest, after: Smallest): readonly string[] {
  const changes: readonly (readonly [string, (one: Smallest) => string])[] = [
    ['faults', (one) => count(one.case.plan.faults.length)],
    ['records', (one) => count(one.case.input?.length ?? 0)],
    ['TaskManagers', (one) => count(one.case.cluster.taskManagers)],
    ['parallelism', (one) => count(one.case.cluster.parallelism)],
    ['draws', (one) => (one.case.chance.quiet.length === 0 ? 'all' : count(drawsOf(one)))],
  ];
  return changes
    .filter(([, valueOf]) => valueOf(before) !== valueOf(after))
    .map(([name, valueOf]) => `${name} ${valueOf(before)} → ${valueOf(after)}`);
}

function drawsOf(one: Smallest): number {
  return [...one.case.chance.draws.values()].reduce((sum, { size }) => sum + size, 0);
}

export function minimalText(
  { start, smallest, isMinimal, tries }: ShrinkResult & { readonly kind: 'shrunk' },
  end: { readonly path: string; readonly wallMs: number; readonly screen: Screen },
): string {
  const { path, wallMs, screen } = end;
  const fewer = Math.floor(100 - (100 * smallest.attempt.steps) / start.attempt.steps);
  const word = isMinimal ? screen.paint('green', 'MINIMAL') : screen.paint('yellow', 'SMALLER');
  const rest = isMinimal ? 'Nothing further can be removed.' : 'The time ended first.';
  return [
    ` ${word}   ${sizeText(smallest)} (${fewer} % fewer). ${rest}`,
    `   ${plural(tries, 'try')} in ${duration(wallMs)}`,
    `   wrote ${path} (${sizeOf(path)})`,
  ].join('\n');
}

function sizeText({ case: one, attempt }: Smallest): string {
  const { plan, input, cluster } = one;
  return [
    plural(plan.faults.length, 'fault'),
    ...(input === undefined ? [] : [plural(input.length, 'record')]),
    plural(cluster.taskManagers, 'TaskManager'),
    plural(attempt.steps, 'step'),
  ].join(', ');
}
