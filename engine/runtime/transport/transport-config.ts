// How patient a transport is, and how much it lets pile up. Durations are integer milliseconds.

export interface TransportConfig {
  readonly retransmissionMsMin: number;
  readonly retransmissionMsMax: number;
  readonly acknowledgementDelayMs: number;
  /** Messages under way at once. */
  readonly windowPackets: number;
  /** More waiting messages than this, and the connection counts as lost. */
  readonly queuePacketsMax: number;
  /** Nothing acknowledged for this long, and the connection counts as lost. */
  readonly lostAfterMs: number;
}

export const DEFAULT_TRANSPORT_CONFIG: TransportConfig = {
  retransmissionMsMin: 100,
  retransmissionMsMax: 2_000,
  acknowledgementDelayMs: 5,
  windowPackets: 256,
  queuePacketsMax: 65_536,
  lostAfterMs: 30_000,
};
