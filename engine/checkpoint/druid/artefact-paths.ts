// Paths of artefacts in Druid: the directory of the checkpoint, the name, and how many rows it has,
// so that a reader knows when it has seen all.

import { OnceproofError } from '../../core/errors.ts';
import { type DruidPlace, placeOfDirectory } from './druid-places.ts';

export interface ArtefactLocation {
  readonly place: DruidPlace;
  readonly artefact: string;
  /** How many rows it consists of. */
  readonly rows: number;
}

const ARTEFACT_NAME = /^(.+)~([0-9]{1,15})$/;

export function artefactPath({ place, artefact, rows }: ArtefactLocation): string {
  return `${place.directory}/${artefact}~${rows}`;
}

/** OP-E501 for a path that no artefact in Druid can have. */
export function locationOf(prefix: string, path: string): ArtefactLocation {
  const location = locationIfAny(prefix, path);
  if (location !== undefined) return location;
  throw new OnceproofError('OP-E501', 'Cannot read an artefact: Druid has none of this name', {
    place: path,
    remedy: 'Restore with the checkpoint storage that wrote the checkpoint',
  });
}

/** Undefined for a path that no artefact in Druid can have. */
export function locationIfAny(prefix: string, path: string): ArtefactLocation | undefined {
  const end = path.lastIndexOf('/');
  const [, artefact, rows] = ARTEFACT_NAME.exec(path.slice(end + 1)) ?? [];
  if (artefact === undefined || rows === undefined || end <= 0) return undefined;
  return { place: placeOfDirectory(prefix, path.slice(0, end)), artefact, rows: Number(rows) };
}
