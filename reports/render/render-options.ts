/**
 * What a rendering takes besides the model. Everything is optional; without a date a rendering
 * depends on the events alone, byte by byte.
 */
export interface RenderOptions {
  /** ISO 8601, UTC; from SOURCE_DATE_EPOCH where that is set. */
  readonly renderedAt?: string;
  /** The limit a rendering keeps by leaving out, visibly, what matters least. */
  readonly sizeMaxBytes?: number;
}
