// Rows as lines of JSON, which is how Druid takes them in, and what its columns are. The columns
// are in users' queries: never rename one.

import type { ArtefactRow } from './artefact-rows.ts';
import { rowsOfArtefact } from './artefact-rows.ts';
import { base64Of } from '../../stream/text-bytes.ts';

/** What all rows of one artefact have in common. */
export interface ArtefactIdentity {
  readonly timeMs: number;
  readonly checkpoint: number;
  readonly artefact: string;
  readonly operator?: string | undefined;
  readonly subtask?: number | undefined;
}

/** Of rows that make up `_metadata`; there is one such artefact in a checkpoint. */
export const METADATA_KIND = 'metadata';

/** The lines of one artefact, in the order of `part`. `kind`: of rows that are no entry. */
export function* linesOfArtefact(
  identity: ArtefactIdentity,
  bytes: Uint8Array,
  kind = 'bytes',
): Generator<string> {
  const common = beginning(identity);
  let part = 0;
  for (const row of rowsOfArtefact(bytes)) {
    yield `${common},"part":${part++}${columnsOf(row, kind)}}`;
  }
}

/** A row that only tells people something: it is part of no artefact that is read back. */
export function lineOfNote(identity: ArtefactIdentity, part: number, value: string): string {
  return `${beginning(identity)},"part":${part},"kind":"note","value":${JSON.stringify(value)}}`;
}

function beginning(identity: ArtefactIdentity): string {
  const { timeMs, checkpoint, artefact, operator, subtask } = identity;
  const name = JSON.stringify(artefact);
  const start = `{"__time":${timeMs},"checkpoint":${checkpoint},"artefact":${name}`;
  return `${start}${stringColumn('operator', operator)}${numberColumn('subtask', subtask)}`;
}

function columnsOf({ bytes, entry }: ArtefactRow, plainKind: string): string {
  const content = `,"bytes":"${base64Of(bytes)}"`;
  if (entry === undefined) return `,"kind":"${plainKind}"${content}`;
  const { kind, keyGroup, state, key, namespace, value } = entry;
  const what = `,"kind":"${kind}"${numberColumn('key_group', keyGroup)}`;
  const where = `${stringColumn('state', state)}${stringColumn('key', key)}`;
  const which = `${stringColumn('namespace', namespace)}${stringColumn('value', value)}`;
  return `${what}${where}${which}${content}`;
}

/** A column without a value is null. */
function stringColumn(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}

function numberColumn(name: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${name}":${value}`;
}
