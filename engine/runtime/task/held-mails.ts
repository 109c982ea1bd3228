// Mails of a task that wait while it fetches state, in the order in which they came. Between the
// batch, watermark or timer that the state is for and its processing nothing may happen to the
// task: no barrier may get in between, and what arrives behind it must find it processed.

import { assert } from '../../core/assert.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { ToTask } from '../messages.ts';

/** These reach the ends of channels only, or end the task; none looks at state. */
const PASSING: ReadonlySet<ToTask['kind']> = new Set<ToTask['kind']>([
  'cancel',
  'prepared',
  'open-channel',
  'channel-opened',
  'grant-credit',
]);

export class HeldMails {
  #mails: ToTask[] = [];
  #isHolding = false;

  get isHolding(): boolean {
    return this.#isHolding;
  }

  hold(): void {
    assert(!this.#isHolding, 'Cannot fetch state: the task is fetching some already');
    this.#isHolding = true;
  }

  /** True if the mail waits from now on. */
  takes(mail: ToTask): boolean {
    if (!this.#isHolding || PASSING.has(mail.kind)) return false;
    const { kind } = mail;
    sometimes(kind === 'channel-element', 'an element arrives while state is fetched');
    sometimes(kind === 'call', 'a timer or a result of I/O waits for state to be fetched');
    this.#mails.push(mail);
    return true;
  }

  /** What was waited for has been processed. */
  letGo(): void {
    this.#isHolding = false;
  }

  /** Hands over what waits, in order, until one of the mails makes the task wait again. */
  replay(handle: (mail: ToTask) => void): void {
    const mails = this.#mails;
    this.#mails = [];
    let next = 0;
    for (let mail = mails[next]; mail !== undefined && !this.#isHolding; mail = mails[next]) {
      next++;
      handle(mail);
    }
    assert(this.#mails.length === 0, 'Cannot replay mails: others have come meanwhile');
    this.#mails = mails.slice(next);
  }
}
