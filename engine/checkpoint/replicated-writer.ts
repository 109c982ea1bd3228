// One artefact on its way to several stores. It is written when all of them have it; if one fails,
// all are given up, as far as that works. Of two who write under one name the first store decides,
// so it is asked before the others.

import type { ArtefactWriter } from './artefact-store.ts';
import { parentOf } from './checkpoint-layout.ts';
import { isFileSystemError } from './file-system-outcome.ts';
import type { ReplicaCopy } from './replica.ts';

export class ReplicatedWriter implements ArtefactWriter {
  readonly #parts: readonly Part[];

  private constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  static async open(copies: readonly ReplicaCopy[]): Promise<ReplicatedWriter> {
    const opened: Part[] = [];
    try {
      for (const copy of copies) {
        const writer = await (opened.length === 0 ? create(copy) : createWithParent(copy));
        opened.push({ copy, writer, isClosed: false });
      }
    } catch (error) {
      await new ReplicatedWriter(opened).abort();
      throw error;
    }
    return new ReplicatedWriter(opened);
  }

  async write(bytes: Uint8Array): Promise<void> {
    await settleAll(this.#parts, ({ writer }) => writer.write(bytes));
  }

  async close(): Promise<void> {
    try {
      const [first, ...others] = this.#parts;
      if (first !== undefined) await closePart(first);
      await settleAll(others, closePart);
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    for (const { copy, writer, isClosed } of this.#parts) {
      try {
        // What was closed is ours by its name: nobody refers to it yet.
        if (isClosed) await copy.replica.store.remove(copy.path);
        else await writer.abort();
      } catch {
        // Left to the sweep: giving up has to work while a store cannot be reached.
      }
    }
  }
}

function create({ replica, path }: ReplicaCopy): Promise<ArtefactWriter> {
  return replica.store.create(path);
}

/** The first store has the directory, so this one should: it may have lost it, with all else. */
async function createWithParent(copy: ReplicaCopy): Promise<ArtefactWriter> {
  try {
    return await create(copy);
  } catch (error) {
    if (!isFileSystemError(error, 'ENOENT')) throw error;
    await copy.replica.store.makeDirectory(parentOf(copy.path));
    return create(copy);
  }
}

async function closePart(part: Part): Promise<void> {
  await part.writer.close();
  part.isClosed = true;
}

interface Part {
  readonly copy: ReplicaCopy;
  readonly writer: ArtefactWriter;
  isClosed: boolean;
}

/** All results in order. Waits for all of them, also where one fails; throws the first failure. */
export async function settleAll<T, R>(
  items: readonly T[],
  run: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const outcomes = await Promise.allSettled(items.map(run));
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}
