// Reads artefacts back out of their rows. A published checkpoint cannot be queried at once, so it
// waits, within a bound, until the Broker sees every segment of it; only then does it call
// something missing or damaged. What it could not see in time is an EIO: nothing is known of it.

import { joinBytes } from '../../core/bytes.ts';
import { OnceproofError } from '../../core/errors.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { DruidClient } from './druid-client.ts';
import type { DruidPlace } from './druid-places.ts';
import { bytesOfBase64 } from '../../stream/text-bytes.ts';
import { listOf, numberOf, textOf } from './json-fields.ts';
import { METADATA_KIND } from './row-lines.ts';
import { intervalOf, sqlTime } from './time-chunks.ts';

export interface RowsToRead {
  readonly place: DruidPlace;
  /** Undefined: `_metadata`, of which nobody knows the name. */
  readonly artefact: string | undefined;
  /** Undefined: all there are; the check tells whether they are all. */
  readonly rows: number | undefined;
  /** For errors. */
  readonly path: string;
}

interface Found {
  /** By part. */
  readonly rows: ReadonlyMap<number, string>;
  readonly isRepeated: boolean;
}

const FIRST_PAGE_ROWS = 64;
const LARGEST_PAGE_ROWS = 16_384;
/** Of base64 in one answer: beyond this, pages do not grow. */
const PAGE_LENGTH = 1024 * 1024;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;
const RESTORE_OTHER =
  'Restore from another checkpoint or savepoint, or mark the segments used that it consisted of';

export class ArtefactReader {
  readonly #client: DruidClient;

  constructor(client: DruidClient) {
    this.#client = client;
  }

  /**
   * What `check` makes of the bytes. OP-E501..503, and what `check` throws, once that is certain.
   */
  async read<T>(wanted: RowsToRead, check: (bytes: Uint8Array) => T): Promise<T> {
    const { http, settings } = this.#client;
    const deadlineMs = http.nowMs + settings.visibilityTimeoutMs;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      // Asked before the rows: what was all there then must be all in them.
      const view = await this.#viewOf(wanted);
      const found = await this.#rowsOf(wanted);
      try {
        if (found !== undefined) return check(bytesOf(found, wanted));
      } catch (error) {
        if (!(error instanceof OnceproofError) || view === 'complete') throw error;
      }
      if (view === 'unpublished') throw problem('OP-E501', 'it is missing', wanted);
      sometimes(true, 'a published checkpoint cannot be queried yet');
      if (http.nowMs + waitMs > deadlineMs) throw this.#invisible(wanted);
      await http.pause(waitMs);
    }
  }

  /** Whether the Broker sees all segments that are published for this chunk. */
  async #viewOf({ place }: RowsToRead): Promise<'complete' | 'behind' | 'unpublished'> {
    const { datasource, chunk } = place;
    const used = await this.#client.usedSegments(datasource, intervalOf(chunk));
    if (used.length === 0) return 'unpublished';
    const newest = used.reduce((found, { version }) => (version > found ? version : found), '');
    const published = used.filter(({ version }) => version === newest).length;
    const [start = ''] = intervalOf(chunk).split('/');
    const available = await this.#client.query(
      `SELECT "segment_id" FROM sys.segments WHERE "datasource" = ${quoted(datasource)} ` +
        `AND "start" = ${quoted(start)} AND "version" = ${quoted(newest)} AND "is_available" = 1`,
    );
    return (available?.length ?? 0) >= published ? 'complete' : 'behind';
  }

  /** Undefined where the Broker has not made a table of the datasource yet. */
  async #rowsOf(wanted: RowsToRead): Promise<Found | undefined> {
    const rows = new Map<number, string>();
    let isRepeated = false;
    let pageRows = FIRST_PAGE_ROWS;
    const end = wanted.rows ?? Number.MAX_SAFE_INTEGER;
    for (let from = 0; from < end; ) {
      const to = Math.min(end, from + pageRows);
      const page = await this.#client.query(pageQuery(wanted, from, to));
      if (page === undefined) return undefined;
      let length = 0;
      for (const row of page) {
        const [part, text] = columnsOf(row);
        isRepeated ||= rows.has(part);
        rows.set(part, text);
        length += text.length;
      }
      if (page.length < to - from) break;
      if (length < PAGE_LENGTH) pageRows = Math.min(pageRows * 2, LARGEST_PAGE_ROWS);
      from = to;
    }
    return { rows, isRepeated };
  }

  #invisible({ path }: RowsToRead): FileSystemError {
    const { visibilityTimeoutMs } = this.#client.settings;
    const message =
      `Cannot query a checkpoint: Druid has published it, but not loaded all of its segments ` +
      `within ${visibilityTimeoutMs} ms`;
    const remedy =
      'See that Historicals are up and have room and that the load rules keep the datasource ' +
      'forever, or raise visibilityTimeoutMs';
    const cause = new OnceproofError('OP-E562', message, { place: path, remedy });
    return new FileSystemError('EIO', 'see the rows of', path, cause);
  }
}

/** A literal of SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function pageQuery({ place, artefact }: RowsToRead, from: number, to: number): string {
  const which =
    artefact === undefined ? `"kind" = '${METADATA_KIND}'` : `"artefact" = ${quoted(artefact)}`;
  return (
    `SELECT "part", "bytes" FROM "${place.datasource}" ` +
    `WHERE "__time" = TIMESTAMP '${sqlTime(place.chunk)}' AND ${which} ` +
    `AND "part" >= ${from} AND "part" < ${to}`
  );
}

/** A string without characters is null in some set-ups of Druid. */
function columnsOf(row: unknown): readonly [part: number, text: string] {
  const [part, text] = listOf(row) ?? [];
  return [numberOf(part) ?? -1, textOf(text) ?? ''];
}

function bytesOf({ rows, isRepeated }: Found, wanted: RowsToRead): Uint8Array {
  const expected = wanted.rows ?? rows.size;
  if (rows.size === 0) throw problem('OP-E501', 'it is missing', wanted);
  if (isRepeated) throw problem('OP-E503', 'some of its rows are there twice', wanted);
  const pieces: Uint8Array[] = [];
  for (let part = 0; part < expected; part++) {
    const text = rows.get(part);
    if (text === undefined) {
      throw problem('OP-E502', `${rows.size} of ${expected} rows are left`, wanted);
    }
    const piece = bytesOfBase64(text);
    if (piece === undefined) throw problem('OP-E503', `row ${part} is altered`, wanted);
    pieces.push(piece);
  }
  return joinBytes(pieces);
}

function problem(
  code: 'OP-E501' | 'OP-E502' | 'OP-E503',
  what: string,
  { path }: RowsToRead,
): OnceproofError {
  return new OnceproofError(code, `Cannot read an artefact out of Druid: ${what}`, {
    place: path,
    remedy: RESTORE_OTHER,
  });
}
