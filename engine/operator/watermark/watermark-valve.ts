// Combines the watermarks and the idleness of several channels, or inputs, into one, by the
// rules of Flink's StatusWatermarkValve. The combined watermark strictly increases.
//
//  1. It is the least watermark of all aligned channels.
//  2. Idle channels are not aligned. One that comes back is aligned again once it has caught up
//     with the combined watermark: until then the others need not wait for it.
//  3. All are idle: the combined one is idle. The last watermark is then the greatest of all.

import { assert, present } from '../../core/assert.ts';
import { sometimes } from '../../core/sometimes.ts';
import { MAX_WATERMARK, NO_TIMESTAMP } from '../../stream/elements.ts';

interface ChannelStatus {
  watermark: number;
  isIdle: boolean;
  isAligned: boolean;
}

/** To be passed on in this order: what is absent did not change. */
export interface ValveChange {
  readonly isActive?: true;
  readonly watermark?: number;
  readonly isIdle?: true;
}

export class WatermarkValve {
  readonly #channels: ChannelStatus[];
  #watermark = NO_TIMESTAMP;
  #isIdle = false;

  constructor(channelCount: number) {
    assert(channelCount > 0, `Cannot combine ${channelCount} channels`);
    this.#channels = Array.from({ length: channelCount }, () => ({
      watermark: NO_TIMESTAMP,
      isIdle: false,
      isAligned: true,
    }));
  }

  /** The combined watermark; NO_TIMESTAMP until every channel had one. */
  get watermark(): number {
    return this.#watermark;
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** The new combined watermark, if it rose. */
  onWatermark(channel: number, timestamp: number): ValveChange | undefined {
    const status = this.#channel(channel);
    if (timestamp <= status.watermark) return undefined;
    // Only the end of its data is news from an idle channel: there will be no coming back.
    if (status.isIdle && timestamp !== MAX_WATERMARK) return undefined;
    const wasIdle = this.#isIdle;
    const couldHoldBack = wasIdle || status.watermark <= this.#watermark;
    status.watermark = timestamp;
    status.isIdle = false;
    this.#isIdle = false;
    if (timestamp >= this.#watermark) status.isAligned = true;
    const risen = couldHoldBack ? this.#rise() : undefined;
    return change({ isActive: wasIdle, watermark: risen, isIdle: false });
  }

  onStatus(channel: number, isIdle: boolean): ValveChange | undefined {
    const status = this.#channel(channel);
    if (status.isIdle === isIdle) return undefined;
    return isIdle ? this.#becomesIdle(status) : this.#becomesActive(status);
  }

  #becomesIdle(status: ChannelStatus): ValveChange | undefined {
    const couldHoldBack = status.isAligned && status.watermark === this.#watermark;
    status.isIdle = true;
    status.isAligned = false;
    this.#isIdle = this.#channels.every((channel) => channel.isIdle);
    sometimes(this.#isIdle, 'all channels are idle');
    if (!couldHoldBack)
      return change({ isActive: false, watermark: undefined, isIdle: this.#isIdle });
    const watermark = this.#isIdle ? this.#raiseTo(this.#greatest()) : this.#rise();
    return change({ isActive: false, watermark, isIdle: this.#isIdle });
  }

  #becomesActive(status: ChannelStatus): ValveChange | undefined {
    const wasIdle = this.#isIdle;
    status.isIdle = false;
    status.isAligned = status.watermark >= this.#watermark;
    this.#isIdle = false;
    return change({ isActive: wasIdle, watermark: undefined, isIdle: false });
  }

  #rise(): number | undefined {
    let least = MAX_WATERMARK;
    let anyAligned = false;
    for (const channel of this.#channels) {
      if (!channel.isAligned) continue;
      anyAligned = true;
      if (channel.watermark < least) least = channel.watermark;
    }
    return anyAligned ? this.#raiseTo(least) : undefined;
  }

  #greatest(): number {
    return this.#channels.reduce((most, { watermark }) => Math.max(most, watermark), NO_TIMESTAMP);
  }

  #raiseTo(watermark: number): number | undefined {
    if (watermark <= this.#watermark) return undefined;
    this.#watermark = watermark;
    return watermark;
  }

  #channel(channel: number): ChannelStatus {
    return present(this.#channels[channel], `Cannot combine channel ${channel}: not one of this`);
  }
}

function change(of: {
  readonly isActive: boolean;
  readonly watermark: number | undefined;
  readonly isIdle: boolean;
}): ValveChange | undefined {
  const { isActive, watermark, isIdle } = of;
  if (!isActive && watermark === undefined && !isIdle) return undefined;
  return {
    ...(isActive ? { isActive } : {}),
    ...(watermark === undefined ? {} : { watermark }),
    ...(isIdle ? { isIdle } : {}),
  };
}
