// An output that keeps what an operator emits, in order.

import type { Output } from '../stream-operator.ts';

export type Emitted =
  | { readonly kind: 'record'; readonly value: unknown; readonly timestamp: number }
  | {
      readonly kind: 'side';
      readonly tag: string;
      readonly value: unknown;
      readonly timestamp: number;
    }
  | { readonly kind: 'watermark'; readonly timestamp: number }
  | { readonly kind: 'status'; readonly idle: boolean };

export class CollectedOutput implements Output<unknown> {
  #emitted: Emitted[] = [];

  /** Everything since the last call. */
  take(): readonly Emitted[] {
    const taken = this.#emitted;
    this.#emitted = [];
    return taken;
  }

  emit(value: unknown, timestamp: number): void {
    this.#emitted.push({ kind: 'record', value, timestamp });
  }

  emitSide(tag: string, value: unknown, timestamp: number): void {
    this.#emitted.push({ kind: 'side', tag, value, timestamp });
  }

  emitWatermark(timestamp: number): void {
    this.#emitted.push({ kind: 'watermark', timestamp });
  }

  emitStatus(idle: boolean): void {
    this.#emitted.push({ kind: 'status', idle });
  }
}
