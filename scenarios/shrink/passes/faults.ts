// Faults: as few as possible, then each of them as early, short and plain as possible, and tied to
// an event of the run instead of to a time, which changes with every change of the engine.

import type { Fault, ReachedMark } from '../../../simulator/index.ts';
import { ddmin } from '../ddmin.ts';
import type { Search } from '../search.ts';

export async function dropFaults(search: Search): Promise<void> {
  const { healAtMs, faults } = search.case.plan;
  const { strikes } = search.smallest.attempt;
  const struck = faults.filter((_, index) => (strikes[index] ?? 0) > 0);
  // What never struck is not why it fails.
  if (struck.length < faults.length) await search.change({ plan: { healAtMs, faults: struck } });
  const start = search.case.plan.faults;
  await ddmin(start, (part) => search.change({ plan: { healAtMs, faults: part } }));
}

/** Smaller values of one fault, the smallest first. */
export async function simplifyFaults(search: Search): Promise<void> {
  for (let index = 0; index < search.case.plan.faults.length; index += 1) {
    for (const variants of [plainer, shorter, milder, earlier]) {
      await exhaust(search, index, variants);
    }
  }
}

/** Until none of the variants fails anymore: each of them is smaller than the fault it is of. */
async function exhaust(
  search: Search,
  index: number,
  variants: (fault: Fault) => readonly Fault[],
): Promise<void> {
  let fault = search.case.plan.faults[index];
  while (fault !== undefined && (await replaceWithFirst(search, index, variants(fault)))) {
    fault = search.case.plan.faults[index];
  }
}

/** Points that mean something to a reader come first where two are equally near. */
const MARKS: readonly string[] = [
  'checkpoint-completed',
  'checkpoint-triggered',
  'committed',
  'job-restoring',
  'job-running',
  'job-failing',
  'job-restarting',
  'keyed-state-snapshotted',
  'leader-elected',
  'task-deployed',
  'task-state',
];
const MARKS_TRIED = 6;

/** Lets every fault wait for an event that came before it, the nearest ones first. */
export async function fireOnEvents(search: Search): Promise<void> {
  for (let index = 0; index < search.case.plan.faults.length; index += 1) {
    const fault = search.case.plan.faults[index];
    if (fault === undefined) continue;
    const variants = onEvents(fault, search.smallest.attempt.marks);
    await replaceWithFirst(search, index, variants);
  }
}

async function replaceWithFirst(
  search: Search,
  index: number,
  variants: readonly Fault[],
): Promise<boolean> {
  const { plan } = search.case;
  for (const variant of variants) {
    const faults = plan.faults.with(index, variant);
    if (await search.change({ plan: { ...plan, faults } })) return true;
  }
  return false;
}

function onEvents(fault: Fault, marks: readonly ReachedMark[]): readonly Fault[] {
  const { after } = fault;
  const offsetMs = beginOf(fault);
  const reached = marks.find(({ mark, nth }) => mark === after?.mark && nth === after.nth);
  // One that waits for an event already may come nearer to another.
  if (offsetMs === undefined || (after !== undefined && (offsetMs <= 1 || reached === undefined))) {
    return [];
  }
  const beginMs = offsetMs + (reached?.timeMs ?? 0);
  const last = new Map<string, ReachedMark>();
  for (const one of marks) if (one.timeMs <= beginMs) last.set(one.mark, one);
  const known = MARKS.flatMap((name) => last.get(name) ?? []);
  const nearest = known.toSorted((left, right) => right.timeMs - left.timeMs);
  return nearest.slice(0, MARKS_TRIED).flatMap(({ mark, nth, timeMs }) => {
    const tied = { ...fault, after: { mark, nth } };
    const offsets = [...new Set([0, 1, beginMs - timeMs])];
    return offsets
      .filter((one) => after === undefined || one < offsetMs)
      .map((one) => beginAt(tied, one));
  });
}

function beginOf(fault: Fault): number | undefined {
  if ('atMs' in fault) return fault.atMs;
  return 'fromMs' in fault ? fault.fromMs : undefined;
}

/** Moves a fault in time, with its end. */
function beginAt(fault: Fault, beginMs: number): Fault {
  if ('atMs' in fault) return { ...fault, atMs: beginMs };
  if (!('fromMs' in fault)) return fault;
  return { ...fault, fromMs: beginMs, toMs: beginMs + fault.toMs - fault.fromMs };
}

/** Something that does less, or hits without dice. */
function plainer(fault: Fault): readonly Fault[] {
  if (fault.kind === 'crash') return [{ ...fault, kind: 'kill' }];
  if (fault.kind === 'slow-start') {
    const { slowMs: _, ...stop } = fault;
    return [{ ...stop, kind: 'crash' }];
  }
  const operation = plainerOperation(fault);
  if (operation !== undefined) return [operation];
  if (fault.kind === 'partition' && fault.twoWay) return [{ ...fault, twoWay: false }];
  if (fault.kind === 'corrupt-checkpoint' && fault.artefact === 'any') {
    return [{ ...fault, artefact: 'newest' }];
  }
  return 'oneIn' in fault && fault.oneIn > 1 ? [{ ...fault, oneIn: 1 }] : [];
}

/** Every stop has a savepoint in it, and every change of the job a stop. */
function plainerOperation(fault: Fault): Fault | undefined {
  switch (fault.kind) {
    case 'stop-with-savepoint':
      return { ...fault, kind: 'savepoint' };
    case 'upgrade':
      return { ...fault, kind: 'stop-with-savepoint' };
    case 'switch-backend': {
      const { backend: _, ...stop } = fault;
      return { ...stop, kind: 'stop-with-savepoint' };
    }
    case 'rescale': {
      const { parallelism: _, via, ...stop } = fault;
      return via === 'savepoint' ? { ...stop, kind: 'stop-with-savepoint' } : undefined;
    }
    default:
      return undefined;
  }
}

function shorter(fault: Fault): readonly Fault[] {
  if (fault.kind === 'crash' || fault.kind === 'kill') {
    return below(fault.downMs).map((downMs) => ({ ...fault, downMs }));
  }
  if (fault.kind === 'pause') return below(fault.forMs).map((forMs) => ({ ...fault, forMs }));
  if (fault.kind === 'partition') {
    return below(fault.healMs).map((healMs) => ({ ...fault, healMs }));
  }
  if (!('fromMs' in fault)) return [];
  const { fromMs, toMs } = fault;
  return below(toMs - fromMs - 1).map((lastsMs) => ({ ...fault, toMs: fromMs + 1 + lastsMs }));
}

/** When it begins and ends is for others, how often it strikes is no matter of degree. */
const NOT_A_DEGREE: ReadonlySet<string> = new Set(['atMs', 'fromMs', 'toMs', 'oneIn']);

/** Of whatever kind: each of its numbers made smaller by itself, at least 1 away from none. */
function milder(fault: Fault): readonly Fault[] {
  return Object.entries(fault).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value !== 'number' || NOT_A_DEGREE.has(name)) return [];
    const smaller = below(Math.abs(value)).filter((one) => one > 0);
    return smaller.map((one) => ({ ...fault, [name]: Math.sign(value) * one }));
  });
}

function earlier(fault: Fault): readonly Fault[] {
  const { after } = fault;
  const beginMs = beginOf(fault);
  if (beginMs === undefined) return [];
  return [
    ...(after === undefined
      ? []
      : below(after.nth - 1).flatMap((nth) => {
          const sooner = { ...fault, after: { ...after, nth: nth + 1 } };
          return around(beginMs).map((offsetMs) => beginAt(sooner, offsetMs));
        })),
    ...below(beginMs).map((sooner) => beginAt(fault, sooner)),
  ];
}

/** What follows an event does not take exactly as long each time. */
function around(offsetMs: number): readonly number[] {
  const nearby = [0, 1, 2, 3, 5, 8, 13].flatMap((byMs) => [offsetMs - byMs, offsetMs + byMs]);
  return [...new Set(offsetMs <= 1 ? [offsetMs] : nearby)].filter((one) => one >= 0);
}

/** Nothing, a little, a half: logarithmically many values, the smallest first. */
function below(value: number): readonly number[] {
  const values = [0, 1, 10, 100, Math.floor(value / 2)];
  return [...new Set(values)].filter((one) => one < value).toSorted((a, b) => a - b);
}
