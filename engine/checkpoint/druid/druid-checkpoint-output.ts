// One artefact on its way into Druid. It is gathered, cut into rows and staged when it is closed;
// small ones never become rows but travel inside the handle. The handle is given out only when
// Druid has all rows in its deep storage; what a failed attempt left is never referred to.

import { joinBytes } from '../../core/bytes.ts';
import { assert } from '../../core/assert.ts';
import { crc32c } from '../../core/crc32c.ts';
import { OnceproofError } from '../../core/errors.ts';
import { hashHex } from '../../core/hash.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { StateHandle } from '../../state/state-handle.ts';
import type { CheckpointOutput } from '../checkpoint-storage.ts';
import type { DruidClient } from './druid-client.ts';
import { artefactPath } from './artefact-paths.ts';
import { type DruidPlace } from './druid-places.ts';
import { linesOfArtefact } from './row-lines.ts';
import { stage } from './staging.ts';
import { intervalOf } from './time-chunks.ts';
import { slotOf, timeOfSlot } from './time-slots.ts';

/** Failures of Druid's own: a worker that died, a lock that was taken away. */
const ATTEMPTS_MAX = 3;

export interface DruidCheckpointOutputOptions {
  readonly client: DruidClient;
  readonly place: DruidPlace;
  readonly checkpoint: number;
  /** Never given before, by anybody. */
  readonly artefact: string;
  readonly operator: string | undefined;
  readonly subtask: number | undefined;
  readonly inlineBelowBytes: number;
}

export class DruidCheckpointOutput implements CheckpointOutput {
  readonly #options: DruidCheckpointOutputOptions;
  #pieces: Uint8Array[] = [];
  #isOver = false;
  #isStaged = false;

  constructor(options: DruidCheckpointOutputOptions) {
    this.#options = options;
  }

  async write(bytes: Uint8Array): Promise<void> {
    assert(!this.#isOver, 'Cannot write to an artefact: it is closed');
    // The caller may reuse its buffer once we have returned.
    this.#pieces.push(bytes.slice());
  }

  async close(): Promise<StateHandle> {
    assert(!this.#isOver, 'Cannot close an artefact: it is closed');
    this.#isOver = true;
    const bytes = this.#take();
    const sizeBytes = bytes.length;
    const checksum = crc32c(bytes);
    if (sizeBytes < this.#options.inlineBelowBytes) {
      return { kind: 'inline', bytes, sizeBytes, checksum };
    }
    const path = await this.#stage(bytes);
    this.#isStaged = true;
    return { kind: 'file', path, sizeBytes, checksum, scope: 'exclusive' };
  }

  /** After a failure under another name: nobody knows what the failed task has left. */
  async #stage(bytes: Uint8Array): Promise<string> {
    const { client, place, checkpoint, operator, subtask } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const artefact = `${this.#options.artefact}-${attempt}`;
      const name = hashHex(artefact);
      const slot = slotOf(name);
      const timeMs = timeOfSlot(place.chunk, slot);
      const lines = linesOfArtefact({ timeMs, checkpoint, artefact, operator, subtask }, bytes);
      try {
        const rows = await stage(client, { place, name, slot, lines });
        return artefactPath({ place, artefact, rows });
      } catch (error) {
        if (!(error instanceof OnceproofError) || attempt === ATTEMPTS_MAX) throw error;
        sometimes(true, 'a task that stages an artefact fails');
      }
    }
  }

  /**
   * Without this artefact its checkpoint will never be published, so everything that is staged for
   * that may go.
   */
  async discard(): Promise<void> {
    this.#isOver = true;
    this.#pieces = [];
    if (!this.#isStaged) return;
    const { client, place } = this.#options;
    try {
      await client.markUnused(place.staging, intervalOf(place.chunk));
    } catch {
      // It waits for the next clearing of the staging datasource: giving up has to work always.
    }
  }

  #take(): Uint8Array {
    const joined = joinBytes(this.#pieces);
    this.#pieces = [];
    return joined;
  }
}
