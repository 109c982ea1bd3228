/**
 * JUnit XML in the dialect Jenkins, GitLab and GitHub actions read. A test case is a property of
 * a scenario on a backend and never a seed, so its name and history are stable; seeds and rates
 * are properties of it. The suite `onceproof` holds what concerns all cases: gates, determinism.
 */
import type { CaseSummary, FindingSummary, PropertyCell, Report } from '../model.ts';
import { cleanText, escapeMarkup, shorten } from '../text.ts';
import { renderFindingText } from './finding-text.ts';
import type { RenderOptions } from './render-options.ts';

/** Some servers refuse a whole file for one longer text. */
const TEXT_MAX = 60_000;
const MESSAGE_MAX = 1_000;

interface TestCase {
  readonly classname: string;
  readonly name: string;
  readonly seconds: number;
  readonly properties: readonly (readonly [string, string | number])[];
  readonly outcome: Outcome;
}

type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'skipped'; readonly message: string }
  | {
      readonly kind: 'failure' | 'error';
      readonly type: string;
      readonly message: string;
      readonly text: string;
    };

export function renderJunit(report: Report, options: RenderOptions = {}): string {
  const { totals, environment } = report;
  const scenarios = [...new Set(report.cases.map((summary) => summary.scenario))];
  const suites = scenarios.map((scenario) => ({
    name: scenario,
    tests: report.cases
      .filter((summary) => summary.scenario === scenario)
      .flatMap((summary) => casesOf(summary, report.findings)),
  }));
  suites.push({ name: 'onceproof', tests: suiteWide(report) });
  const stamp = options.renderedAt === undefined ? {} : { timestamp: options.renderedAt };
  const all = suites.flatMap((suite) => suite.tests);
  const facts = propertiesXml([
    ['verdict', report.verdict],
    ['exit', report.exit],
    ['runs', totals.runs],
    ['findings', totals.findings],
    ['cases', totals.cases],
    ['root', environment.root],
    ['git', environment.git ?? 'none'],
    ['onceproof', environment.onceproof],
    ['simulatedMs', report.simMs],
    ['faults', report.faultsTotal],
    ['meaning', report.confidence.text],
  ]);
  const bodies = suites.map(({ name, tests }) => {
    const head = attributes({ name, ...counts(tests), ...stamp });
    const inner = tests.map(testXml).join('');
    return `<testsuite${head}>\n${name === 'onceproof' ? facts : ''}${inner}</testsuite>\n`;
  });
  const head = attributes({ name: 'onceproof', ...counts(all), ...stamp });
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
  return `${declaration}\n<testsuites${head}>\n${bodies.join('')}</testsuites>\n`;
}

function casesOf(summary: CaseSummary, findings: readonly FindingSummary[]): TestCase[] {
  const seconds = summary.wallMs / 1_000 / Math.max(1, summary.properties.length);
  return summary.properties.map((cell) => {
    const finding = findings.find(
      (found) => found.finding.case === summary.case && found.finding.property === cell.property,
    );
    const seed = finding?.seed ?? summary.seed ?? 'none';
    return {
      classname: summary.scenario,
      name: `${cell.property} [${summary.backend}]`,
      seconds,
      properties: [
        ['seed', seed],
        ['run', `${summary.case}#${seed}`],
        ['rate', `${cell.violatedRuns}/${cell.runs}`],
        ['evaluated', cell.evaluated],
        ['bound', cell.bound],
      ],
      outcome: outcomeOf(cell, finding),
    };
  });
}

function outcomeOf(cell: PropertyCell, finding: FindingSummary | undefined): Outcome {
  if (finding !== undefined || cell.status === 'violated') {
    const message = finding?.finding.message ?? `violated in ${cell.violatedRuns} runs`;
    const text = finding === undefined ? message : renderFindingText(finding);
    return { kind: 'failure', type: 'property', message, text };
  }
  if (cell.status === 'inconclusive') {
    const message = `inconclusive: ${cell.unknownRuns} of ${cell.runs} runs were undecided`;
    return { kind: 'skipped', message };
  }
  if (cell.status === 'held') return { kind: 'passed' };
  return { kind: 'skipped', message: cell.runs === 0 ? 'never run' : 'never evaluated' };
}

function suiteWide(report: Report): TestCase[] {
  const { verdict, determinism, gaps, exitMeaning } = report;
  const message = `inconclusive: ${[...gaps, exitMeaning].join('; ')}`;
  const isGateMissed = verdict === 'inconclusive';
  const differed = determinism?.differed ?? 0;
  return [
    suiteTest('gates', isGateMissed ? { kind: 'skipped', message } : { kind: 'passed' }),
    suiteTest('determinism', determinismOutcome(report, differed)),
  ];
}

function suiteTest(name: string, outcome: Outcome): TestCase {
  return { classname: 'onceproof', name, seconds: 0, properties: [], outcome };
}

function determinismOutcome({ verdict, determinism }: Report, differed: number): Outcome {
  if (verdict === 'nondeterministic') {
    const message = `nondeterministic: ${differed} repeated runs differed`;
    const text = determinism?.firstDifference ?? message;
    return { kind: 'error', type: 'nondeterministic', message, text };
  }
  if ((determinism?.repeated ?? 0) > 0) return { kind: 'passed' };
  return { kind: 'skipped', message: 'no run was repeated' };
}

function testXml({ classname, name, seconds, properties, outcome }: TestCase): string {
  const head = attributes({ classname, name, time: seconds.toFixed(3) });
  return `<testcase${head}>\n${propertiesXml(properties)}${outcomeXml(outcome)}</testcase>\n`;
}

function outcomeXml(outcome: Outcome): string {
  if (outcome.kind === 'passed') return '';
  const message = shorten(cleanText(outcome.message), MESSAGE_MAX);
  if (outcome.kind === 'skipped') return `<skipped${attributes({ message })}/>\n`;
  const { kind, type, text } = outcome;
  const body = escapeMarkup(shorten(cleanText(text), TEXT_MAX));
  return `<${kind}${attributes({ type, message })}>${body}</${kind}>\n`;
}

function propertiesXml(entries: TestCase['properties']): string {
  if (entries.length === 0) return '';
  const lines = entries.map(([name, value]) => `<property${attributes({ name, value })}/>\n`);
  return `<properties>\n${lines.join('')}</properties>\n`;
}

function counts(tests: readonly TestCase[]): Readonly<Record<string, string | number>> {
  const count = (kind: Outcome['kind']): number => {
    return tests.filter(({ outcome }) => outcome.kind === kind).length;
  };
  const seconds = tests.reduce((total, test) => total + test.seconds, 0);
  return {
    tests: tests.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds.toFixed(3),
  };
}

/** Line breaks and tabs in attributes are written as references; a parser would fold them. */
function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => {
      const text = escapeMarkup(String(value)).replace(/[\t\r\n]/g, (c) => `&#${c.charCodeAt(0)};`);
      return ` ${name}="${text}"`;
    })
    .join('');
}
