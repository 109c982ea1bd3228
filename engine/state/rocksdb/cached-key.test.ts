// What is found of a key by namespace.

import { fc, testProp } from '@fast-check/ava';

import { ByNamespace } from './cached-key.ts';

const NAMESPACES = [undefined, null, 0, 1, 'void', 'w'];

const step = fc.record({
  lookup: fc.constantFrom(...NAMESPACES),
  content: fc.option(fc.nat({ max: 9 }), { nil: undefined }),
});
const steps = fc.array(step, { minLength: 1 });

testProp('a namespace has what a Map would have for it', [steps], (t, taken) => {
  const found = new ByNamespace<number>();
  const map = new Map<unknown, number>();
  for (const { lookup, content } of taken) {
    if (content === undefined) {
      found.delete(lookup);
      map.delete(lookup);
    } else {
      found.set(lookup, content);
      map.set(lookup, content);
    }
    for (const each of NAMESPACES) t.is(found.get(each), map.get(each));
  }
});
