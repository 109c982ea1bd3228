// Annotations for GitHub: one for each finding, at the scenario that failed. GitHub shows about ten
// of a kind for a step, so the tenth says how many more there are.

import type { FindingSummary, Report } from '../../../reports/index.ts';

const ANNOTATIONS_MAX = 10;

export function annotations({ findings }: Report): string[] {
  const lines = findings.slice(0, ANNOTATIONS_MAX).map(annotation);
  const more = findings.length - ANNOTATIONS_MAX;
  if (more > 0) lines[ANNOTATIONS_MAX - 1] += `%0Aand ${more} more, see the summary`;
  return lines;
}

function annotation({ finding, backend, source }: FindingSummary): string {
  const [, file, line] = /^(.*):(\d+)$/.exec(source ?? '') ?? [];
  const place = file === undefined ? '' : `file=${property(file)},line=${line ?? '1'},`;
  const title = property(`${finding.id} ${finding.property} (${backend})`);
  const [message = ''] = finding.message.split('\n', 1);
  return `::error ${place}title=${title}::${data(`${message}. ${finding.replay}`)}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
