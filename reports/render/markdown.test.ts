/** Markdown stays small, whole and harmless. */
import test from 'ava';
import type { ReportEvent } from '../events.ts';
import { largeLog, foreignLog, reportOf, sampleReport } from '../testing/sample-report.ts';
import { utf8SizeBytes } from '../text.ts';
import { renderMarkdown } from './markdown.ts';

test('each verdict has its heading', (t) => {
  t.regex(renderMarkdown(sampleReport('violated')), /### ✗ onceproof: violated, 1 finding\n/);
  t.regex(renderMarkdown(sampleReport('no-violation')), /### ✓ onceproof: no violation found\n/);
  t.regex(renderMarkdown(sampleReport('inconclusive')), /### \? onceproof: inconclusive\n/);
  const nondeterministic = renderMarkdown(sampleReport('nondeterministic'));
  t.regex(nondeterministic, /### ≠ onceproof: nondeterministic\n/);
  t.regex(nondeterministic, /First difference: step 412 at tm-1/);
});

test('a finding has its replay line and a diagram that ends in the violation', (t) => {
  const text = renderMarkdown(sampleReport('violated'));
  t.regex(text, /\n {4}npx onceproof replay sink\/two-phase-commit@rocksdb#9f3c21aa04d7be10\n/);
  const diagram = /```mermaid\n([\s\S]*?)\n```/.exec(text)?.[1] ?? '';
  t.true(diagram.startsWith('sequenceDiagram\n'));
  t.true(diagram.split('\n').filter((line) => /->>|-->>|--x|Note/.test(line)).length <= 30);
  t.regex(diagram, /--xp\d: notifyComplete\(7\) \(lost\)/);
  t.regex(diagram, /✗ no-duplicate-output: e412 was already committed$/);
});

test('hollow cells and unreached goals are named', (t) => {
  const text = renderMarkdown(sampleReport('inconclusive'));
  t.regex(text, /○ timers-fire-once never evaluated on fs/);
  t.regex(text, /1 goal was never reached: the sink is fenced/);
});

test('a hundred findings with long messages still fit, and the cut is said', (t) => {
  const findings = largeLog(100, 20).map((event): ReportEvent => {
    return event.type === 'finding.new' ? { ...event, message: 'long '.repeat(400) } : event;
  });
  const text = renderMarkdown(reportOf(findings));
  t.true(utf8SizeBytes(text) <= 20 * 1_024);
  t.regex(text, /and \d+ more/);
});

test('foreign text cannot open markup, mention anyone or break a table', (t) => {
  const text = renderMarkdown(reportOf(foreignLog('| <b> @team **x** `y` \n# z')));
  const prose = text.replace(/^ {4}.*$|^```[\s\S]*?^```/gm, ''); // Code needs no escape.
  t.notRegex(prose, /<b>/);
  t.notRegex(prose, /@team/);
  t.regex(text, /\\\| &lt;b&gt;/);
  t.notRegex(text, /^# z/m);
});
