/** The diagram pairs messages, shows losses and crashes, and is well-formed for any trace. */
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import type { TraceEvent } from '../finding-events.ts';
import { sampleTrace } from '../testing/sample-trace.ts';
import { xmlProblem } from '../testing/well-formed.ts';
import { arrowsOf, columnsOf, marksOf } from './diagram-marks.ts';
import { renderDiagram } from './diagram.ts';

const at = { timeMs: 0, text: 'm' };

test('a send and its arrival are one arrow, a duplicate is another', (t) => {
  const ends = { from: 'a', to: 'b', message: '1' };
  const events: TraceEvent[] = [
    { step: 0, ...at, host: 'a', kind: 'send', ...ends },
    { step: 1, ...at, host: 'b', kind: 'deliver', ...ends },
    { step: 2, ...at, host: 'b', kind: 'deliver', ...ends },
    { step: 3, ...at, host: 'a', kind: 'drop', from: 'a', to: 'b', message: 'unsent' },
  ];
  const arrows = arrowsOf(marksOf(events, 10).marks);
  t.deepEqual(
    arrows.map(({ sendRow, endRow, isLost }) => [sendRow, endRow, isLost]),
    [
      [0, 1, false],
      [0, 2, false],
      [3, 3, true],
    ],
  );
});

test('local events in a row are one mark, and the end of a long trace is kept', (t) => {
  const events = Array.from({ length: 9 }, (_, step) => ({
    step,
    ...at,
    host: step < 6 ? 'a' : `b${step}`,
    kind: 'timer',
  }));
  const { marks, omitted } = marksOf(events, 3);
  t.deepEqual(
    marks.map((mark) => mark.event.host),
    ['b6', 'b7', 'b8'],
  );
  t.is(omitted, 6);
});

test('columns stand so that messages travel the shortest way', (t) => {
  const { marks } = marksOf(sampleTrace(), 200);
  t.deepEqual(columnsOf(marks, arrowsOf(marks)), ['jm', 'tm-0', 'tm-1', 's3']);
});

test('the sample has a lost message, a crash, barriers and a violation', (t) => {
  const svg = renderDiagram('F1', sampleTrace())?.markup ?? '';
  t.is(xmlProblem(`<div>${svg}</div>`), null);
  for (const part of [
    'cross lost',
    'cross crash',
    'cross violation',
    'life down',
    'message barrier',
  ]) {
    t.true(svg.includes(`class="${part}"`), part);
  }
});

const kind = fc.constantFrom(
  'send',
  'deliver',
  'drop',
  'crash',
  'restart',
  'barrier-send',
  'timer',
);
const host = fc.constantFrom('a', 'b', 'c', '<x>');
const traceEvent: fc.Arbitrary<TraceEvent> = fc.record(
  { step: fc.nat(), timeMs: fc.nat(), host, kind, text: fc.string(), from: host, to: host },
  { requiredKeys: ['step', 'timeMs', 'host', 'kind', 'text'] },
);

testProp('any trace can be drawn', [fc.array(traceEvent, { maxLength: 30 })], (t, events) => {
  const svg = renderDiagram('F1', events)?.markup ?? '';
  t.is(xmlProblem(`<div>${svg}</div>`), null);
  t.notRegex(svg, /NaN|undefined|Infinity/);
});
