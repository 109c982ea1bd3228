// The brief form, for programs that read terminals: what is wrong, how to see it again, no art.

import type { FindingSummary, Report } from '../../../reports/index.ts';
import { type ExitCode, meaningOf } from '../exit-codes.ts';
import { headlineOf } from './summary.ts';

const LINES_MAX = 60;
const STEPS_MAX = 8;

export function briefText(report: Report, exit: ExitCode): string {
  const { totals, environment, findings, gaps } = report;
  const head = headlineOf(exit).replaceAll(' ', '-');
  const lines = [
    `${head} exit=${exit} findings=${totals.findings} runs=${totals.runs} root=${environment.root}`,
    ...findings.flatMap(briefFinding),
    ...gaps.map((gap) => `not-shown: ${gap.replaceAll('\u00A0', ' ')}`),
  ];
  const cut = lines.length > LINES_MAX ? [`${lines.length - LINES_MAX} more lines`] : [];
  return `${[...lines.slice(0, LINES_MAX), ...cut, `meaning: ${meaningOf(exit)}`].join('\n')}\n`;
}

function briefFinding({ finding, scenario, backend, rate, source }: FindingSummary): string[] {
  const { id, property, message, schedule, replay } = finding;
  const faults = schedule.filter(({ kind }) => kind === 'fault').slice(-STEPS_MAX);
  const share = `rate=${rate.failed}/${rate.of}`;
  return [
    `${id} property=${property} scenario=${scenario} backend=${backend} ${share}`,
    `  message: ${message.replaceAll('\n', ' ')}`,
    `  schedule: ${faults.map(({ host, text }) => `${text} (${host})`).join('; ')}`,
    ...(source === null ? [] : [`  source: ${source}`]),
    `  replay: ${replay} --json`,
  ];
}
