// Restarting helps against the outside world, and against nothing that is wrong with the job
// itself.

import test from 'ava';

import { isUnrecoverable } from './unrecoverable.ts';

test('what is wrong with the job or its data ends it; what may pass does not', (t) => {
  const final = ['202', '203', '204', '205', '214', '301', '401', '505', '611', '613', '615'];
  for (const code of final) t.true(isUnrecoverable({ code: `OP-E${code}` }), code);
  const passing = ['201', '602', '604', '612', '614', '616', '617', '620'];
  for (const code of passing) t.false(isUnrecoverable({ code: `OP-E${code}` }), code);
  t.false(isUnrecoverable({ code: undefined }));
});
