// What `onceproof why` prints: the chance to fail from each place that was tried, the point of no
// return with what happens around it, and what tells futures that failed from those that passed.

import type { TraceEntry } from '../../../simulator/index.ts';
import type { NoReturn, Probe, Trait } from '../../debug/point-of-no-return.ts';
import { endOf } from '../../debug/positions.ts';
import type { Screen } from '../output/screen.ts';
import { padTo } from '../output/lay-out.ts';
import { count, plural } from '../output/text.ts';
import { eventText, timeText } from './event-text.ts';

export interface WhyText {
  readonly found: NoReturn;
  readonly probes: readonly Probe[];
  readonly traits: readonly Trait[];
  readonly trace: readonly TraceEntry[];
  readonly screen: Screen;
}

const BAR = 20;
const BEFORE_SHOWN = 5;
const AFTER_SHOWN = 3;
const FAULTS_SHOWN = 5;
/** The rule of three: what did not come in n tries may have a probability of 3 / n. */
const THREE = 3;

export function whyText(why: WhyText): string {
  const { probes, found } = why;
  const sorted = [...probes].sort((left, right) => left.step - right.step);
  return [
    ...(sorted.length === 0
      ? []
      : [
          '   chance to fail in this way, from a step on with another chance and other faults',
          ...sorted.map((probe) => probeLine(probe, found)),
          '',
        ]),
    ...answerLines(why),
    '',
  ].join('\n');
}

function probeLine(probe: Probe, found: NoReturn): string {
  const { step, failed, failedOtherwise, tries } = probe;
  const share = failed / tries;
  const bar = padTo('━'.repeat(Math.round(share * BAR)), BAR);
  const other = failedOtherwise > 0 ? `, ${failedOtherwise} in other ways` : '';
  const here = found.kind === 'found' && found.first.step === step ? '   ← here' : '';
  const of = `${failed} of ${tries}${other}`;
  return `   step ${count(step).padStart(7)} ${percent(share).padStart(6)}  ${bar}  ${of}${here}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function answerLines({ found, traits, trace, screen }: WhyText): readonly string[] {
  switch (found.kind) {
    case 'found':
      return foundLines({ ...found, traits, trace, screen });
    case 'from-the-start':
      return [
        ` ${screen.paint('yellow', 'UNAVOIDABLE')}   from the first step on`,
        `   ${endings(found.first)}`,
        '   No special chance or fault is needed to fail, in this way or another. Shrink it, or',
        '   see with "onceproof diff" where it parts from a run that passes.',
      ];
    case 'out-of-budget':
      return [
        ` ${screen.paint('yellow', 'NOT DETERMINED')}   the time ended before the search did`,
        found.above === 0
          ? '   Not even the first step was tried often enough.'
          : `   It is between step ${count(found.above)} and step ${count(found.upTo)}.`,
        '   Give it more time with --for, or fewer tries from each step with --tries.',
      ];
    case 'past-differs':
      return [
        ` ${screen.paint('yellow', 'NOT DETERMINED')}   the run cannot be followed to a place`,
        `   Up to step ${count(found.step)} a try did not do the same as the run, although nothing`,
        '   was to differ before it: faults or chance reach further back there.',
      ];
  }
}

interface FoundText {
  readonly last: Probe;
  readonly first: Probe;
  readonly traits: readonly Trait[];
  readonly trace: readonly TraceEntry[];
  readonly screen: Screen;
}

function foundLines({ last, first, traits, trace, screen }: FoundText): readonly string[] {
  const decisive = trace.find(({ step, kind }) => step === last.step && kind !== 'note');
  const what =
    decisive === undefined
      ? 'the last step'
      : eventText(decisive)
          .trim()
          .replace(/^\d+ +/, '');
  const word = screen.paint('bold', 'POINT OF NO RETURN');
  const atEnd = first.step === endOf(trace);
  const rarest = Math.max(2, Math.floor(first.tries / THREE));
  return [
    ` ${word}   step ${count(last.step)} · ${what}`,
    `   before it  ${endings(last)}`,
    `   after it   ${atEnd ? 'the run is over' : endings(first)}`,
    `   Measured, not proved: if one future in ${rarest} passes or fewer, none may have shown.`,
    '',
    '   Around it',
    ...around(trace, last.step),
    ...faultLines(trace, last.step),
    ...traitLines(last, traits),
  ];
}

function endings({ failed, failedOtherwise, passed, tries }: Probe): string {
  const other = failedOtherwise > 0 ? `, ${failedOtherwise} fail in other ways` : '';
  return `of ${plural(tries, 'future')} ${failed} fail, ${passed} pass${other}`;
}

function around(trace: readonly TraceEntry[], step: number): readonly string[] {
  const before = trace.filter((entry) => entry.step < step).slice(-BEFORE_SHOWN);
  const after = trace.filter((entry) => entry.step > step).slice(0, AFTER_SHOWN);
  const at = trace.filter((entry) => entry.step === step);
  return [
    ...before.map((entry) => `       ${eventText(entry)}`),
    ...at.map((entry) => `     ▶ ${eventText(entry)}`),
    ...after.map((entry) => `       ${eventText(entry)}`),
  ];
}

function faultLines(trace: readonly TraceEntry[], step: number): readonly string[] {
  const faults = trace.filter(({ kind }) => kind === 'fault');
  const before = faults.filter((entry) => entry.step <= step).slice(-FAULTS_SHOWN);
  const [next] = faults.filter((entry) => entry.step > step);
  const nextText =
    next === undefined ? 'none' : `${next.text}, step ${next.step}, ${timeText(next.timeMs)}`;
  return [
    '',
    '   Faults up to there, the last ones',
    ...(before.length === 0 ? ['       none'] : before.map((one) => `       ${eventText(one)}`)),
    `   Next in the run: ${nextText}; futures have faults of their own`,
  ];
}

function traitLines(last: Probe, traits: readonly Trait[]): readonly string[] {
  if (traits.length === 0) return [];
  const width = Math.max(...traits.map(({ what }) => what.length));
  return [
    '',
    `   What tells futures from step ${count(last.step)} that fail from those that pass`,
    ...traits.map(({ what, failed, passed }) => {
      const shares = `${failed}/${last.failed} that fail, ${passed}/${last.passed} that pass`;
      return `     ${padTo(what, width)}  ${shares}`;
    }),
  ];
}
