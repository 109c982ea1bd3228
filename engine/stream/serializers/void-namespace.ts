// The namespace of state outside windows. There is one value and it takes no bytes.

import type { TypeSerializer } from '../type-serializer.ts';
import { leafSchema } from './schema.ts';

export type VoidNamespace = 'void';

export const VOID_NAMESPACE: VoidNamespace = 'void';

export const voidNamespaceSerializer: TypeSerializer<VoidNamespace> = {
  serialize: () => undefined,
  deserialize: () => VOID_NAMESPACE,
  copy: (value) => value,
  ...leafSchema<VoidNamespace>('void'),
};
