// Why a host, a link, a file or a service keeps others waiting.

import type { Parked } from '../../simulator/index.ts';
import type { Evidence } from './evidence.ts';
import { ms } from './milliseconds.ts';
import { root, type Wait, wait } from './wait.ts';

/** Fewer losses in a row are what a weak network does. */
const LOST_IN_A_ROW = 3;
/** No operation of a sound disk or service takes as long. */
const SLOW_MS = 10_000;
const OPERATIONS_SHOWN = 3;

/** Undefined where nothing of the kind keeps it from working. */
export function downOrPaused(evidence: Evidence, address: string): readonly Wait[] | undefined {
  const state = evidence.host(address)?.state;
  if (state === 'down') return root('certain', `${address} is down`);
  if (state === 'paused') return root('certain', `${address} is paused`);
  return undefined;
}

/** Of one that the JobManager does not count among its own. */
export function hostWaits(evidence: Evidence, address: string): readonly Wait[] {
  const problem = downOrPaused(evidence, address);
  if (problem !== undefined) return problem;
  const { jobManager, leader } = evidence.raw;
  const status = evidence.host(address)?.taskManager;
  if (status === undefined) return root('certain', `${address} runs no TaskManager`);
  if (status.leaderEpoch !== undefined) {
    const { leaderEpoch, silentForMs } = status;
    const other = `${jobManager} leads epoch ${leader?.leaderEpoch ?? 'none'}`;
    const text = `${address} takes itself for registered with epoch ${leaderEpoch}; ${other}`;
    return root('likely', `${text}, and was last heard of ${ms(silentForMs)} ago`);
  }
  const { unanswered } = status;
  if (unanswered === undefined) {
    return [wait(`${address} has not begun to register`, { kind: 'io', host: address })];
  }
  const { count, forMs } = unanswered;
  const tries = `its ${count} registrations to ${jobManager} in ${ms(forMs)} were not answered`;
  const text = `${address} is not registered: ${tries}`;
  const badLinks = [
    { from: address, to: jobManager },
    { from: jobManager, to: address },
  ].filter(({ from, to }) => lossText(evidence, from, to) !== undefined);
  if (badLinks.length > 0) {
    return badLinks.map((link) => wait(text, { kind: 'link', ...link }));
  }
  if (leader?.job === undefined) return [wait(text, { kind: 'job' })];
  return root('certain', `${text}, though both links work`);
}

export function linkWaits(evidence: Evidence, from: string, to: string): readonly Wait[] {
  const problem = downOrPaused(evidence, to);
  if (problem !== undefined) return problem;
  const loss = lossText(evidence, from, to);
  if (loss !== undefined) return root('certain', loss);
  const back = lossText(evidence, to, from);
  if (back !== undefined) return root('certain', `${back}, so nothing is confirmed to ${from}`);
  const connection = evidence.connection(from, to);
  if (connection === undefined || connection.unacknowledged === 0) {
    return root('certain', `nothing is under way from ${from} to ${to}`);
  }
  const { unacknowledged, isOpen, forMs } = connection;
  const which = isOpen ? 'connection' : 'connection, which is not open,';
  const text = `${unacknowledged} messages of the ${which} from ${from} to ${to}`;
  return root('likely', `${text} are not confirmed, for ${ms(forMs)}`);
}

/** Something was sent from one to the other that has not arrived, as far as the sender knows. */
export function isUnderWay(evidence: Evidence, from: string, to: string): boolean {
  if (from === to) return false;
  return (evidence.connection(from, to)?.unacknowledged ?? 0) > 0;
}

export function ioWaits(evidence: Evidence, address: string): readonly Wait[] {
  const problem = downOrPaused(evidence, address);
  if (problem !== undefined) return problem;
  const { parked, nowMs } = evidence.raw;
  const own = parked
    .filter(({ host }) => host === address)
    .sort((left, right) => left.sinceMs - right.sinceMs);
  const [oldest] = own;
  if (oldest === undefined) {
    const none = `no operation on a file or a service is under way on ${address}`;
    return root('likely', `${none}: what it waits for is lost, or waits for a timer itself`);
  }
  const shown = own.slice(0, OPERATIONS_SHOWN).map(operationText);
  const more = own.length - shown.length;
  const text = `${address} waits for ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return root(nowMs - oldest.sinceMs >= SLOW_MS ? 'certain' : 'likely', text);
}

function operationText({ label, sinceMs, askedIn }: Parked): string {
  const where = askedIn === undefined ? '' : ` in ${askedIn}`;
  return `\`${label}\`, asked for at ${ms(sinceMs)}${where}`;
}

/** Undefined where the link works. */
function lossText(evidence: Evidence, from: string, to: string): string | undefined {
  const link = evidence.link(from, to);
  if (link === undefined) return undefined;
  const { isCut, lostInARow, lostSinceMs } = link;
  if (!isCut && lostInARow < LOST_IN_A_ROW) return undefined;
  const lost = `it has lost ${lostInARow} messages in a row since ${ms(lostSinceMs)}`;
  return `the link ${from} → ${to} ${isCut ? 'is cut' : 'drops messages'}: ${lost}`;
}
