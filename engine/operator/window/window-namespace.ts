// How the namespace of a window is written in checkpoints: as its two times, whatever its text is.

import { leafSchema } from '../../stream/serializers/schema.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import { namespaceOf, type WindowNamespace, windowOf } from './time-window.ts';

export const windowNamespaceSerializer: TypeSerializer<WindowNamespace> = {
  serialize(namespace, output) {
    const { start, end } = windowOf(namespace);
    output.writeSignedVarint(start);
    output.writeSignedVarint(end);
  },
  deserialize(input) {
    const start = input.readSignedVarint();
    const end = input.readSignedVarint();
    return namespaceOf({ start, end });
  },
  copy: (namespace) => namespace,
  ...leafSchema<WindowNamespace>('time-window'),
};
