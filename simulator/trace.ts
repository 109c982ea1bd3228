// What a simulated run did, as a rolling 64-bit digest of every step and, on demand, as entries to
// read. Two runs of one seed have equal digests; where they do not, `firstDivergence` names the
// first step that differs. The digest holds no addresses, paths or stack traces of this machine.

import type { KernelEvent, StepKind } from './kernel/event.ts';
import { finishInt, hashText, hexOf, mixInt } from './hash.ts';

export interface TraceEntry {
  readonly step: number;
  readonly timeMs: number;
  readonly host: string;
  readonly kind: StepKind | 'note';
  readonly text: string;
  /** For messages: sender and receiver. */
  readonly from?: string;
  readonly to?: string;
  /** The step that scheduled this one. */
  readonly cause: number;
  /** The digest after this step, so that unequal payloads show even where the texts agree. */
  readonly digest: string;
}

/** `none` costs nothing; `full` keeps everything; a number keeps that many of the last entries. */
export type Recording = 'none' | 'full' | number;

export interface Divergence {
  readonly step: number;
  readonly left: TraceEntry | undefined;
  readonly right: TraceEntry | undefined;
}

const KIND_CODES: Readonly<Record<StepKind, number>> = {
  boot: 1,
  timer: 2,
  message: 3,
  io: 4,
  action: 5,
  fault: 6,
};

export class Trace {
  readonly #capacity: number;
  readonly #labelHashes = new Map<string, number>();
  #entries: TraceEntry[] = [];
  #high = 0x243f_6a88;
  #low = 0x85a3_08d3;

  constructor(recording: Recording) {
    this.#capacity = capacityOf(recording);
  }

  get isRecording(): boolean {
    return this.#capacity > 0;
  }

  /** 16 hexadecimal digits: equal for two runs exactly if (but for chance) they did the same. */
  get digest(): string {
    return hexOf(finishInt(this.#high), finishInt(this.#low ^ this.#high));
  }

  /** Takes a step into the digest. */
  mix(event: KernelEvent): void {
    const shape = (event.owner.index << 3) | KIND_CODES[event.kind];
    this.#high = mixInt(mixInt(this.#high, event.timeMs | 0), event.sequence | 0);
    const what = mixInt(mixInt(this.#low, shape), this.#hashOf(event.label));
    this.#low = mixInt(what ^ this.#high, event.weight);
  }

  /** Keeps an entry to read; only what `mix` took in counts for the digest. */
  record(entry: Omit<TraceEntry, 'digest'>): void {
    if (!this.isRecording) return;
    this.#entries.push({ ...entry, digest: this.digest });
    // Dropping half at once keeps the cost per entry constant.
    if (this.#entries.length >= this.#capacity * 2) {
      this.#entries = this.#entries.slice(-this.#capacity);
    }
  }

  entries(): readonly TraceEntry[] {
    return this.#entries.slice(-this.#capacity);
  }

  #hashOf(label: string): number {
    const known = this.#labelHashes.get(label);
    if (known !== undefined) return known;
    const hash = hashText(label);
    this.#labelHashes.set(label, hash);
    return hash;
  }
}

/** The first entry in which two full recordings differ; undefined if they are the same. */
export function firstDivergence(
  left: readonly TraceEntry[],
  right: readonly TraceEntry[],
): Divergence | undefined {
  const length = Math.max(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const [one, other] = [left[index], right[index]];
    if (one?.digest !== other?.digest || one?.text !== other?.text) {
      return { step: one?.step ?? other?.step ?? 0, left: one, right: other };
    }
  }
  return undefined;
}

function capacityOf(recording: Recording): number {
  if (recording === 'none') return 0;
  return recording === 'full' ? Number.POSITIVE_INFINITY : recording;
}
