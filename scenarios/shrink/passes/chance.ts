// Chance: the network and the disks are made to take their least time, all at once or one by one.
// Where that does not do, what they decided is written down, draw by draw, and as few draws as
// possible are kept: those that matter.

import type { ChanceScript, Draw } from '../../../simulator/index.ts';
import { ddmin } from '../ddmin.ts';
import { TIMING_STREAMS } from '../failing-case.ts';
import type { Search } from '../search.ts';

const NEUTRAL_SEED = '0000000000000000';
/** Each question is a run: hundreds of draws are not asked about one by one. */
const PIECES_MAX = 8;

export async function quietChance(search: Search): Promise<void> {
  const isSilent = await search.change({ chance: { quiet: TIMING_STREAMS, draws: new Map() } });
  for (const stream of isSilent ? [] : TIMING_STREAMS) {
    const { quiet, draws } = search.case.chance;
    if (quiet.includes(stream)) continue;
    await search.change({ chance: { quiet: [...quiet, stream], draws } });
  }
  // Records of the seed would be others.
  if (search.case.input !== undefined) await search.change({ seed: NEUTRAL_SEED });
}

/** `drawsOf` runs the present case and gives the timing draws that were not the least. */
export async function fewerDraws(
  search: Search,
  drawsOf: () => Promise<readonly Draw[]>,
): Promise<void> {
  const isSeeded = TIMING_STREAMS.some((stream) => !search.case.chance.quiet.includes(stream));
  if (search.isOver) return;
  if (isSeeded) await search.change({ chance: scriptOf(await drawsOf()) });
  const drawn = drawsIn(search.case.chance);
  if (drawn.length === 0) return;
  await ddmin(drawn, (draws) => search.change({ chance: scriptOf(draws) }), PIECES_MAX);
}

function scriptOf(draws: readonly Draw[]): ChanceScript {
  const streams = new Map<string, Map<number, number>>();
  for (const { stream, index, value } of draws) {
    const known = streams.get(stream) ?? new Map<number, number>();
    streams.set(stream, known.set(index, value));
  }
  return { quiet: TIMING_STREAMS, draws: streams };
}

function drawsIn({ draws }: ChanceScript): readonly Draw[] {
  return [...draws].flatMap(([stream, values]) =>
    [...values].map(([index, value]) => ({ stream, index, value })),
  );
}
