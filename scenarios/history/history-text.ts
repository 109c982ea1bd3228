// An exported history as the text of a file: JSON for programs, EDN for Jepsen's tools.

import type { ExportedHistory } from './exported-history.ts';
import { operationToEdn, toEdn } from './edn.ts';

export type HistoryFormat = 'json' | 'edn';

export function historyFormatOf(file: string): HistoryFormat | undefined {
  const extension = /\.(json|edn)$/i.exec(file)?.[1]?.toLowerCase();
  return extension === 'json' || extension === 'edn' ? extension : undefined;
}

export function historyText(exported: ExportedHistory, format: HistoryFormat): string {
  return format === 'json' ? `${JSON.stringify(exported)}\n` : ednText(exported);
}

/** A part a line, so that it can be looked at. */
function ednText({ format, version, run, history, operations }: ExportedHistory): string {
  const parts = Object.entries(history).map(([name, value]) => `  :${name} ${toEdn(value)}`);
  return [
    `{:format ${toEdn(format)}, :version ${version}, :run ${toEdn(run)},`,
    ' :history {',
    ...parts,
    ' },',
    ' :operations [',
    ...operations.map((operation) => `  ${operationToEdn(operation)}`),
    ' ]}',
    '',
  ].join('\n');
}
