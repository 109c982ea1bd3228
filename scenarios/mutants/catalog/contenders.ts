// Mutants of JobManagers that contend for one job: of the claim, of the fence between leaders, of
// what they hand on, and of stepping down.

import type { Mutant } from '../mutant.ts';

const COMMON = { area: 'leadership', tag: 'contenders' } as const;

export const CONTENDER_MUTANTS: readonly Mutant[] = [
  {
    ...COMMON,
    name: 'leave-the-old-leader-its-directory',
    description: 'takes over without taking the directory of the leader before away from it',
    standsFor: [],
    operator: 'M12',
    file: 'runtime/leadership/claim-leadership',
    find: 'await fenceEarlier(options, epoch);',
    replace: '',
    expectedProperty: 'replaced-leaders-do-no-harm',
  },
  {
    ...COMMON,
    name: 'claim-what-is-claimed',
    description: 'claims a leader epoch that another contender may have claimed already',
    standsFor: [],
    operator: 'M12',
    file: 'runtime/leadership/claim-leadership',
    find: 'const claim = filesystem.create(`${directory}/epoch-${epoch}`, encodeText(token));',
    replace: 'const claim = filesystem.write(`${directory}/epoch-${epoch}`, encodeText(token));',
    expectedProperty: 'exactly-once-ledger',
  },
  {
    ...COMMON,
    name: 'carry-nothing-over',
    description: 'takes over without what the leader before has recorded',
    standsFor: [],
    operator: 'M12',
    file: 'runtime/leadership/claim-leadership',
    find: 'const values = await earlierValues(options, epoch);',
    replace: 'const values = new Map();',
    expectedProperty: 'exactly-once-ledger',
  },
  {
    ...COMMON,
    name: 'lead-on-after-the-lease',
    description: 'does not step down, neither when its lease is over nor when it has been replaced',
    standsFor: [],
    operator: 'M5',
    file: 'runtime/leadership/leader-election',
    find: 'if (heldMs < config.renewDeadlineMs) return true;',
    replace: 'if (heldMs >= 0) return true;',
    also: [
      {
        find: `sometimes(true, 'a leader finds that another one has taken over');
    this.#stepDown();`,
        replace: '',
      },
    ],
    expectedProperty: 'restores-newest-checkpoint',
  },
  {
    ...COMMON,
    name: 'count-what-a-replaced-leader-published',
    description: 'goes on from any checkpoint that lies in the storage, recorded or not',
    standsFor: [],
    operator: 'M12',
    file: 'runtime/job/job-recovery',
    find: '...(store.isContended ? { isRecorded: await store.isRecorded() } : {}),',
    replace: '',
    expectedProperty: 'checkpoints-go-on',
  },
];
