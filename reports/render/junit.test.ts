/** JUnit says for each verdict what a CI server needs to hear. */
import test from 'ava';
import { sampleReport } from '../testing/sample-report.ts';
import { xmlProblem } from '../testing/well-formed.ts';
import { renderJunit } from './junit.ts';

function head(xml: string): string {
  return /<testsuites[^>]*>/.exec(xml)?.[0] ?? '';
}

test('a violation is a failure with the finding in plain text', (t) => {
  const xml = renderJunit(sampleReport('violated'));
  t.is(xmlProblem(xml), null);
  t.regex(head(xml), /failures="1" errors="0" skipped="1"/);
  t.regex(xml, /classname="sink\/two-phase-commit" name="no-duplicate-output \[rocksdb\]"/);
  t.regex(xml, /<failure type="property" message="Record e412 was committed twice by sink\[1\]."/);
  t.regex(xml, / {2}Reproduce {2}npx onceproof replay .*#9f3c21aa04d7be10<\/failure>/);
  t.regex(xml, /<property name="rate" value="1\/40"\/>/);
});

test('no seed is ever part of a name', (t) => {
  const xml = renderJunit(sampleReport('violated'));
  for (const [, name = ''] of xml.matchAll(/<testcase [^>]*?name="([^"]*)" time/g)) {
    t.notRegex(name, /[0-9a-f]{8}/);
  }
});

test('a clean suite fails nothing, and what was never evaluated is skipped', (t) => {
  const xml = renderJunit(sampleReport('no-violation'));
  t.regex(head(xml), /failures="0" errors="0" skipped="1"/);
  t.regex(xml, /<skipped message="never evaluated"\/>/);
});

test('an inconclusive suite skips its gates and says why', (t) => {
  const xml = renderJunit(sampleReport('inconclusive'));
  t.regex(head(xml), /failures="0" errors="0"/);
  t.regex(xml, /name="gates" [^>]*>\n<skipped message="inconclusive: 1 goal was never reached/);
  t.regex(xml, /<skipped message="inconclusive: 1 of 40 runs were undecided"\/>/);
});

test('a nondeterministic suite is an error with the first difference', (t) => {
  const xml = renderJunit(sampleReport('nondeterministic'));
  t.regex(head(xml), /failures="0" errors="1"/);
  t.regex(xml, /<error type="nondeterministic"[^>]*>step 412 at tm-1/);
});
