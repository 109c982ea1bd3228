// What a replay shows of a place in a run, as text: always the surroundings, and on demand keyed
// states, events of a host, files, or everything that is waited for.

import { OnceproofError } from '../../../engine/core/errors.ts';
import type { LogicalEntry } from '../../../engine/state/logical-digest.ts';
import type { TraceEntry } from '../../../simulator/index.ts';
import type { LiveState } from '../../cluster/live-states.ts';
import type { View } from '../../debug/look.ts';
import { didYouMean } from '../nearest.ts';
import { count, plural } from '../output/text.ts';
import { eventText, timeText } from './event-text.ts';

/** What the engine writes for state outside of windows; its own module is not loaded from here. */
const VOID_NAMESPACE = 'void';

/** One `--print`. */
export type Print =
  | { readonly kind: 'parked' }
  | { readonly kind: 'state' | 'events' | 'files'; readonly which: string };

const EVENTS_SHOWN = 10;
const COMMITS_SHOWN = 5;
const PARKED_SHOWN = 8;
const MORE_EVENTS_SHOWN = 30;
const ENTRIES_SHOWN = 20;
const VALUE_MAX = 80;

/** Throws OP-E167. */
export function parsePrint(text: string): Print {
  const [, kind, which = ''] = /^([a-z]+)(?::(.*))?$/.exec(text) ?? [];
  if (kind === 'parked' && which === '') return { kind };
  if (kind === 'files') return { kind, which };
  if ((kind === 'state' || kind === 'events') && which !== '') return { kind, which };
  throw new OnceproofError('OP-E167', `Cannot print "${text}"`, {
    remedy: 'Use state:<operator>, events:<host>, files:<prefix> or parked',
  });
}

/** Where we are, and what comes next. */
export function headText(view: View, trace: readonly TraceEntry[]): string {
  const next = trace.find(({ step, kind }) => step === view.step && kind !== 'note');
  const what =
    next === undefined
      ? 'the end of the run'
      : eventText(next)
          .replace(/^ *\d+ +\S+ +/, '')
          .replace(/ {2,}/, ' · ');
  return ` step ${count(view.step)} · ${timeText(view.timeMs)} · next: ${what}`;
}

export function viewText(view: View, trace: readonly TraceEntry[]): string {
  const { tasks, checkpoints, commits, outputs, hosts } = view;
  const before = trace.filter(({ step }) => step < view.step).slice(-EVENTS_SHOWN);
  const newest = commits.slice(-COMMITS_SHOWN).map(({ committable, checkpoint, timeMs }) => {
    const what = `for checkpoint ${checkpoint}: ${shortened(committable)}`;
    return `${timeText(timeMs).padStart(9)}  ${what}`;
  });
  const stored = checkpoints.map(({ checkpoint, isSavepoint, isThere, timeMs }) => {
    const what = `${isSavepoint ? 'savepoint' : 'checkpoint'} ${checkpoint}`;
    const where = isThere === undefined ? 'kept by a service' : 'retained';
    return `${timeText(timeMs).padStart(9)}  ${what}, ${isThere === false ? 'removed' : where}`;
  });
  return [
    ...section('Last events', before.map(eventText)),
    ...section(
      'Hosts',
      hosts.map(({ host, state, boot }) => `${host.padEnd(8)} ${state}, boot ${boot}`),
    ),
    ...section(
      'Tasks, as the leader sees them',
      tasks.map(({ vertex, subtask, state, host = 'nowhere' }) => {
        return `${`${vertex}[${subtask}]`.padEnd(28)} ${state.padEnd(13)} ${host}`;
      }),
    ),
    ...section(`Waiting: ${count(view.parked.length)}`, parkedLines(view, PARKED_SHOWN)),
    ...section('Completed checkpoints', stored),
    ...section(
      `Committed so far: ${plural(commits.length, 'committable')}, ${plural(outputs, 'line')}`,
      newest,
      commits.length === 0 ? [] : ['none'],
    ),
  ].join('\n');
}

export function printText(print: Print, view: View, trace: readonly TraceEntry[]): string {
  switch (print.kind) {
    case 'parked':
      return section('Waiting', parkedLines(view, Infinity)).join('\n');
    case 'events':
      return eventsText(print.which, view, trace);
    case 'files':
      return filesText(print.which, view);
    case 'state':
      return stateText(print.which, view);
  }
}

function eventsText(host: string, view: View, trace: readonly TraceEntry[]): string {
  const known = view.hosts.map((one) => one.host);
  if (host !== 'world' && !known.includes(host)) {
    throw nothingNamed('host', host, [...known, 'world']);
  }
  const its = trace.filter((entry) => {
    return entry.step < view.step && [entry.host, entry.from, entry.to].includes(host);
  });
  const shown = its.slice(-MORE_EVENTS_SHOWN);
  const title = `Events of ${host}, the last ${shown.length} of ${count(its.length)}`;
  return section(title, shown.map(eventText)).join('\n');
}

function filesText(prefix: string, { files }: View): string {
  const its = [...files].filter(([path]) => path.startsWith(prefix));
  const lines = its.map(([path, length]) => `${count(length).padStart(9)}  ${path}`);
  return section(`Files below "${prefix}"`, lines).join('\n');
}

/** An operator is named as it is in the graph, or by its uid. */
function stateText(which: string, { states, tasks }: View): string {
  const operators = tasks.flatMap((task) => task.operators);
  const name = operators.find(({ uid }) => uid === which)?.name ?? which;
  const its = states.filter(({ operator }) => operator === name);
  if (its.length === 0) {
    const stateful = operators.filter((one) => states.some((live) => live.operator === one.name));
    const known = [...new Set(stateful.map((one) => one.uid ?? one.name))];
    throw nothingNamed('operator with keyed state', which, known);
  }
  return its.flatMap(stateLines).join('\n');
}

function stateLines({ operator, host, from, to, entries }: LiveState): readonly string[] {
  const sorted = [...entries].map(entryText).sort();
  const more = sorted.length - ENTRIES_SHOWN;
  const lines = sorted.slice(0, ENTRIES_SHOWN);
  const all = more > 0 ? [...lines, `… and ${count(more)} more`] : lines;
  const title = `State of ${operator} on ${host}, key groups ${from} to ${to}`;
  return section(`${title}: ${plural(entries.length, 'entry')}`, all);
}

function entryText({ kind, name, namespace, key, content }: LogicalEntry): string {
  const inside = namespace === VOID_NAMESPACE ? '' : ` in ${valueText(namespace)}`;
  const what = kind === 'timers' ? `timer of ${name}` : name;
  return `${what}[${valueText(key)}]${inside} = ${content.map(valueText).join(' ')}`.trimEnd();
}

function valueText(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    if (inner instanceof Map) return { map: [...inner] };
    return inner instanceof Set ? { set: [...inner] } : inner;
  });
  return shortened(text === undefined ? String(value) : text);
}

function shortened(text: string): string {
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}…` : text;
}

function parkedLines({ parked }: View, max: number): readonly string[] {
  const lines = parked
    .slice(0, max)
    .map(({ host, label, sinceMs }) => `${host.padEnd(8)} ${label}, since ${timeText(sinceMs)}`);
  const more = parked.length - lines.length;
  return more > 0 ? [...lines, `… and ${count(more)} more: --print parked`] : lines;
}

function section(
  title: string,
  lines: readonly string[],
  whenEmpty: readonly string[] = ['none'],
): readonly string[] {
  const body = lines.length === 0 ? whenEmpty : lines;
  return [`   ${title}`, ...body.map((line) => `     ${line}`)];
}

function nothingNamed(what: string, which: string, known: readonly string[]): OnceproofError {
  const guess = didYouMean(which, known);
  return new OnceproofError('OP-E167', `Cannot find ${what} "${which}" at this place${guess}`, {
    remedy: known.length === 0 ? 'Go to a later step' : `There are ${known.join(', ')}`,
  });
}
