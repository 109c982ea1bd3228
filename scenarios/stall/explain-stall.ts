// Explains why a job stands still: chains of who waits for whom, from the job to what is at the
// root of it, which comes first. Says as well where it does not stand still, but goes in circles.

import { unreachable } from '../../engine/core/assert.ts';
import type { TimedEvent } from '../checkers/checker.ts';
import { channelWaits } from './channel-waits.ts';
import { checkpointWaits, snapshotWaits } from './checkpoint-waits.ts';
import { Evidence, type StallEvidence } from './evidence.ts';
import { hostWaits, ioWaits, linkWaits } from './host-waits.ts';
import { jobWaits, splitsWaits } from './job-waits.ts';
import { repetitions } from './repetitions.ts';
import { taskWaits } from './task-waits.ts';
import { type Party, type Wait } from './wait.ts';
import { type Chain, chainsOf } from './wait-graph.ts';

const ROOTS_MAX = 3;
const SENTENCES_MAX = 12;

/** Lines for people, each without an end of line. */
export function explainStall(raw: StallEvidence, events: readonly TimedEvent[]): readonly string[] {
  const evidence = new Evidence(raw);
  const chains = chainsOf({ kind: 'job' }, (party) => waitsOf(evidence, party));
  const best = chains[0]?.kind;
  const roots = rootsOf(chains.filter(({ kind }) => kind === best));
  const more = roots.length - ROOTS_MAX;
  return [
    ...repetitions(events, raw.nowMs),
    ...roots.slice(0, ROOTS_MAX).flatMap(linesOf),
    ...(more > 0 ? [`and ${more} more ${more === 1 ? 'root' : 'roots'} of the waiting`] : []),
  ];
}

export function waitsOf(evidence: Evidence, party: Party): readonly Wait[] {
  switch (party.kind) {
    case 'job':
      return jobWaits(evidence);
    case 'checkpoint':
      return checkpointWaits(evidence, party.checkpoint);
    case 'snapshot':
      return snapshotWaits(evidence, party.checkpoint, party.attempt);
    case 'task':
      return taskWaits(evidence, party.attempt);
    case 'channel':
      return channelWaits(evidence, party);
    case 'splits':
      return splitsWaits(evidence, party.attempt);
    case 'host':
      return hostWaits(evidence, party.host);
    case 'link':
      return linkWaits(evidence, party.from, party.to);
    case 'io':
      return ioWaits(evidence, party.host);
    default:
      return unreachable(party);
  }
}

interface Root {
  /** The shortest to it. */
  readonly chain: Chain;
  /** That say the same of other subtasks, numbers or hosts. */
  readonly alike: ReadonlySet<string>;
}

function rootsOf(chains: readonly Chain[]): readonly Root[] {
  const roots = new Map<string, { readonly chain: Chain; readonly alike: Set<string> }>();
  for (const chain of chains) {
    const last = chain.sentences.at(-1) ?? '';
    const shape = last.replace(/\d+/g, '#');
    const known = roots.get(shape);
    if (known === undefined) roots.set(shape, { chain, alike: new Set() });
    else if (known.chain.sentences.at(-1) !== last) known.alike.add(last);
  }
  return [...roots.values()];
}

function linesOf({ chain: { kind, sentences }, alike }: Root): readonly string[] {
  const last = sentences.at(-1) ?? '';
  const title = {
    cycle: 'They wait for each other, in a circle',
    certain: `Root of the waiting: ${last}`,
    likely: `Root of the waiting, as far as can be seen: ${last}`,
    open: `What is waited for at this moment: ${last}`,
  }[kind];
  const way = kind === 'cycle' ? sentences : sentences.slice(0, -1);
  const left = way.length - SENTENCES_MAX;
  return [
    title,
    ...way.slice(0, SENTENCES_MAX).map((text, index) => `  ${index === 0 ? ' ' : '→'} ${text}`),
    ...(left > 0 ? [`  … and ${left} steps more`] : []),
    ...(alike.size > 0 ? [`  The same is true of ${alike.size} more like it`] : []),
  ];
}
