// A user's program, for tests that start it as a process of its own: numbers go to files, slowly.
// Tells its parent each checkpoint, and how its job ended.
//
//   node counting-program.ts <directory> <records> <records a second>

import { FileSink } from '../../../connector/file-sink.ts';
import { jsonLines } from '../../../connector/json-lines.ts';
import { describeError } from '../../../core/errors.ts';
import { localEnvironment } from '../local-environment.ts';

const [, , directory = '', count = '0', recordsPerSecond = '1'] = process.argv;
const env = localEnvironment().enableCheckpointing(30).setStateBackend('fs');
env.setCheckpointStorage(`${directory}/checkpoints`);
env
  .fromGenerator({
    count: Number(count),
    generate: (index) => index,
    recordsPerSecond: Number(recordsPerSecond),
  })
  .uid('numbers')
  .sinkTo(new FileSink({ directory: `${directory}/output`, format: jsonLines<number>() }))
  .uid('sink');
try {
  const { state } = await env.execute('counting', {
    onEvent: ({ kind }) => process.send?.(kind),
  });
  process.send?.(`ended ${state}`);
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
