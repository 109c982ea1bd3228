// Ids of operators, which tie state in a checkpoint to the operator that reads it. With a uid
// the id depends on nothing else. Without one it depends on what stands upstream, so that
// changes elsewhere in the job do not touch it.

import { OnceproofError } from '../core/errors.ts';
import { hashHex } from '../core/hash.ts';
import { type OperatorId, operatorId } from '../core/ids.ts';

export interface OperatorPlace {
  readonly uid: string | undefined;
  readonly name: string;
  readonly kind: string;
  /** What its inputs are, ids included. */
  readonly inputs: readonly string[];
}

export class OperatorIds {
  readonly #namesByUid = new Map<string, string>();
  readonly #siblings = new Map<string, number>();

  next({ uid, name, kind, inputs }: OperatorPlace): OperatorId {
    if (uid !== undefined) return this.#ofUid(uid, name);
    const signature = `${kind}(${inputs.join(',')})`;
    const sibling = this.#siblings.get(signature) ?? 0;
    this.#siblings.set(signature, sibling + 1);
    return operatorId(hashHex(`place/${sibling}/${signature}`));
  }

  #ofUid(uid: string, name: string): OperatorId {
    const first = this.#namesByUid.get(uid);
    if (first !== undefined) throw duplicateUid(uid, first, name);
    this.#namesByUid.set(uid, name);
    return operatorId(hashHex(`uid/${uid}`));
  }
}

function duplicateUid(uid: string, first: string, second: string): OnceproofError {
  return new OnceproofError(
    'OP-E301',
    `Cannot use uid "${uid}" twice: for "${first}" and for "${second}"`,
    { place: second, remedy: 'Give each operator a uid of its own: it names the state' },
  );
}
