// An engine that does not do what it should, without a change of its text: messages that are
// swallowed where they are sent, and calls that never come back. For tests of the explanation,
// which have to know who is to blame.

import { Subpartition } from '../../../engine/runtime/channel/subpartition.ts';
import type { ChannelElement } from '../../../engine/stream/elements.ts';
import { present } from '../../../engine/core/assert.ts';
import { ActorSystem } from '../../../engine/runtime/actor/actor-system.ts';
import type { ActorRef } from '../../../engine/runtime/actor/actor.ts';

export interface Sent {
  readonly from: string;
  readonly to: ActorRef;
  readonly kind: string;
  readonly message: object;
}

/** Until the function that it returns is called, of all hosts in this process. */
export function swallowing(isSwallowed: (sent: Sent) => boolean): () => void {
  return replaced(ActorSystem.prototype, 'send', (system, [to, message], send) => {
    const [ref, mail] = [to as ActorRef, message as object & { readonly kind: string }];
    const sent = { from: system.host, to: ref, kind: mail.kind, message: mail };
    if (!isSwallowed(sent)) send();
  });
}

/** The same, of events that a task passes on to one of its consumers. */
export function swallowingEvents(
  isSwallowed: (event: ChannelElement, channel: object) => boolean,
): () => void {
  return replaced(Subpartition.prototype, 'emitEvent', (channel, [event], emit) => {
    if (!isSwallowed(event as ChannelElement, channel)) emit();
  });
}

function replaced<T extends object>(
  prototype: T,
  name: string,
  instead: (self: T, parameters: readonly unknown[], original: () => void) => void,
): () => void {
  const found = present(Object.getOwnPropertyDescriptor(prototype, name), `No method ${name}`);
  const method = found.value as (...parameters: readonly unknown[]) => void;
  Object.defineProperty(prototype, name, {
    ...found,
    value(this: T, ...parameters: readonly unknown[]): void {
      instead(this, parameters, () => Reflect.apply(method, this, parameters));
    },
  });
  return () => void Object.defineProperty(prototype, name, found);
}
