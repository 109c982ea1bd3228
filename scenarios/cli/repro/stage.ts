// What this process lends to runs that it carries out itself, one at a time: the guard against
// ambient time and chance, and the blame for rejections that nobody handles.

import { installGuard, macrotask, type World } from '../../../simulator/index.ts';
import type { Stage } from '../../shrink/run-case.ts';

export function openStage(): Stage {
  let present: World | undefined;
  process.on('unhandledRejection', (error) => {
    if (present === undefined) throw error;
    present.fail(error);
  });
  return {
    drain: macrotask,
    scope: installGuard(),
    attach: (world) => {
      present = world;
    },
  };
}
