// Checkpoint streams into memory, for tests of state backends. Writes can be held back, so that a
// test decides what happens while a snapshot is running, and can be made to fail. Stores nothing
// durably.

import { assert } from '../../core/assert.ts';
import { crc32c } from '../../core/crc32c.ts';
import { OnceproofError } from '../../core/errors.ts';
import type {
  CheckpointOutput,
  CheckpointStreamFactory,
} from '../../checkpoint/checkpoint-storage.ts';
import type { StateHandle } from '../state-handle.ts';

export class MemoryStreams implements CheckpointStreamFactory {
  /** Artefacts given up by their writer. */
  discarded = 0;
  /** What was opened, as 'scope hint', in order. */
  readonly opened: string[] = [];
  readonly isSavepoint?: boolean;
  #gate: Promise<void> = Promise.resolve();
  #openGate: (() => void) | undefined;
  #failure: Error | undefined;

  constructor(isSavepoint = false) {
    if (isSavepoint) this.isSavepoint = true;
  }

  /** From now on writes wait until release(). */
  hold(): void {
    if (this.#openGate !== undefined) return;
    this.#gate = new Promise((resolve) => {
      this.#openGate = resolve;
    });
  }

  release(): void {
    this.#openGate?.();
    this.#openGate = undefined;
  }

  failWrites(failure: Error): void {
    this.#failure = failure;
  }

  open(scope: 'exclusive' | 'shared', hint: string): CheckpointOutput {
    this.opened.push(`${scope} ${hint}`);
    const pieces: Uint8Array[] = [];
    return {
      write: async (bytes) => {
        await this.#gate;
        if (this.#failure !== undefined) throw this.#failure;
        pieces.push(bytes);
      },
      close: async () => {
        await this.#gate;
        return handleOf(pieces);
      },
      discard: async () => {
        this.discarded++;
      },
    };
  }
}

export async function readMemoryHandle(handle: StateHandle): Promise<Uint8Array> {
  assert(handle.kind === 'inline', `Cannot read a handle of kind "${handle.kind}" from memory`);
  if (crc32c(handle.bytes) !== handle.checksum) {
    throw new OnceproofError('OP-E503', 'Cannot read state: the checksum does not match');
  }
  return handle.bytes;
}

function handleOf(pieces: readonly Uint8Array[]): StateHandle {
  const sizeBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const bytes = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return { kind: 'inline', bytes, sizeBytes, checksum: crc32c(bytes) };
}
