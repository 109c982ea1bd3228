// Puts back the in-flight data of a restored checkpoint, before the task takes anything new.

import { present } from '../../core/assert.ts';
import type { InputGate } from './input-gate.ts';
import type { TaskOutputs } from './task-outputs.ts';
import type { RestoredTask } from './task-restore.ts';

export function restoreChannels({
  restored,
  gate,
  outputs,
}: {
  readonly restored: RestoredTask;
  readonly gate: InputGate | undefined;
  readonly outputs: TaskOutputs;
}): void {
  for (const { handle, elements } of restored.channels) {
    if (handle.kind === 'input-channel') {
      const input = present(gate, 'Cannot restore an input: the task has none');
      input.channels[input.indexOf(handle.edge, handle.from)]?.restore(elements);
    } else {
      outputs.restore(handle.edge, handle.to, elements);
    }
  }
}
