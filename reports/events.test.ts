/**
 * The event log reads back as it was written, and whatever else is in the file costs only itself.
 */
import { readFileSync } from 'node:fs';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { EVENT_SHAPES, jsonSchema } from './event-schema.ts';
import { parseEvent, parseEventLog } from './parse-event.ts';
import { sampleLog, toLines } from './testing/sample-log.ts';

const log = sampleLog({ verdict: 'violated', seeds: 3 });

test('every event reads back as it was written', (t) => {
  const read = parseEventLog(toLines(log));
  t.deepEqual(read.events, log);
  t.deepEqual(read.problems, []);
  t.false(read.truncated);
});

test('the sample log has every event type but those of a run in progress', (t) => {
  const types = new Set(log.map((event) => event.type));
  const missing = [...EVENT_SHAPES.keys()].filter(
    (type) => ![...types].some((own) => own === type),
  );
  t.deepEqual(missing, ['finding.shrunk', 'corpus', 'crash-points', 'progress']);
});

test('the published JSON Schema is the one the reader checks', (t) => {
  const published = readFileSync(new URL('events-v1.schema.json', import.meta.url), 'utf8');
  t.deepEqual(JSON.parse(published), JSON.parse(JSON.stringify(jsonSchema())));
});

test('unknown types and unknown keys are skipped', (t) => {
  t.deepEqual(parseEvent('{"v":1,"type":"run.sampled"}'), { kind: 'ignored', type: 'run.sampled' });
  t.is(parseEvent('{"v":1,"type":"progress","runs":1,"of":2,"findings":0,"eta":9}').kind, 'event');
});

test('a line that cannot be used says which, why and what to do', (t) => {
  const cases = [
    ['{"v":1,', 'OP-E710', 'The line is not JSON'],
    ['[1]', 'OP-E711', 'The line is not an event: it needs "v" and "type"'],
    ['{"v":2,"type":"progress"}', 'OP-E712', 'The line has schema version 2'],
    ['{"v":1,"type":"progress","runs":1}', 'OP-E713', 'Cannot read "progress": "of" is missing'],
    [
      '{"v":1,"type":"progress","runs":-1,"of":1,"findings":0}',
      'OP-E713',
      'Cannot read "progress": "runs" must be at least 0',
    ],
    [
      '{"v":1,"type":"finding.shrunk","id":"F1","replay":"x","schedule":[{"timeMs":"1"}]}',
      'OP-E713',
      'Cannot read "finding.shrunk": "schedule[0].host" is missing',
    ],
  ] as const;
  for (const [line, code, cause] of cases) {
    const parsed = parseEvent(line, 7);
    t.like(parsed, { kind: 'malformed', code, line: 7, cause });
    t.regex(parsed.kind === 'malformed' ? parsed.remedy : '', /\w/);
  }
});

test('garbage in the middle costs one line, and its number is right', (t) => {
  const lines = toLines(log).split('\n');
  const garbled = [...lines.slice(0, 4), '', '\u0000\u0000garbage', ...lines.slice(4)].join('\n');
  const read = parseEventLog(garbled);
  t.deepEqual(read.events, log);
  t.deepEqual(
    read.problems.map(({ code, line }) => [code, line]),
    [['OP-E710', 6]],
  );
  t.false(read.truncated);
});

testProp(
  'a log cut anywhere loses at most its last line',
  [fc.double({ noNaN: true })],
  (t, at) => {
    const text = toLines(log);
    const end = Math.floor((Math.abs(at) % 1) * text.length);
    const read = parseEventLog(text.slice(0, end));
    const complete = text.slice(0, end).split('\n').length - 1;
    t.true(read.events.length >= complete);
    t.deepEqual(read.events, log.slice(0, read.events.length));
    t.true(read.problems.every((problem) => problem.code === 'OP-E714'));
  },
);

testProp('no line makes the reader throw', [fc.oneof(fc.string(), fc.json())], (t, line) => {
  t.notThrows(() => parseEvent(line));
});
