// Rare choices. Where the engine may do one of several things and hardly ever does the one that its
// peers are least prepared for, it asks here, and a simulation may have it do just that. Named
// after FoundationDB's BUGGIFY: a site has a name that stays, and whatever it chooses must be
// allowed at any time. Without a chooser, as in production, a site costs one branch.

import { sometimes } from './sometimes.ts';

/** Whether the choice of this name is taken now. Must not call back. */
export type RareChooser = (site: string) => boolean;

/** Beside the marks the one piece of module-level state in the engine. */
let chooser: RareChooser | undefined;

/** Never per record: once for a batch, a message or a call. */
export function buggify(site: string): boolean {
  if (chooser === undefined || !chooser(site)) return false;
  sometimes(true, `buggify: ${site}`);
  return true;
}

/** From now on all sites of this thread ask `next`; none is taken where it is undefined. */
export function chooseRarely(next: RareChooser | undefined): void {
  chooser = next;
}
