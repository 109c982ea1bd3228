// Records in files of the shared volume, for a FileSource to read in pieces. Whoever lists the
// files first writes them, whole and durable, so that a scenario needs no preparation of its world.

import { FileSource } from '../../engine/connector/file-source.ts';
import type { FileSplit } from '../../engine/connector/file-split.ts';
import { jsonLines } from '../../engine/connector/json-lines.ts';
import { makeDirectoryDurably } from '../../engine/connector/durable-directory.ts';
import type { Source } from '../../engine/connector/source.ts';
import type { StaticEnumeratorState } from '../../engine/connector/static-split-enumerator.ts';
import type { FileSystem } from '../../engine/environment/filesystem.ts';
import { utf8Of } from '../../engine/stream/text-bytes.ts';

export interface FileInputOptions<T> {
  readonly elements: readonly T[];
  readonly files: number;
  readonly recordsPerSecond: number;
  readonly splitBytes: number;
  /** Less than a piece: several are read of it. */
  readonly chunkBytes: number;
}

const DIRECTORY = '/shared/input';

export function fileInput<T>(
  options: FileInputOptions<T>,
): Source<T, FileSplit, StaticEnumeratorState<FileSplit>> {
  const { elements, files, ...reading } = options;
  const source = new FileSource<T>({ path: DIRECTORY, format: jsonLines<T>(), ...reading });
  const texts = Array.from({ length: files }, (_, file) =>
    elements.flatMap((value, index) =>
      index % files === file ? [`${JSON.stringify(value)}\n`] : [],
    ),
  );
  return {
    name: source.name,
    boundedness: source.boundedness,
    createEnumerator: (context, restored) => {
      const io: typeof context.io = (label, operation, done) => {
        const prepared = async () => {
          await write(context.filesystem, texts);
          return operation();
        };
        context.io(label, prepared, done);
      };
      return source.createEnumerator({ ...context, io }, restored);
    },
    createReader: (context) => source.createReader(context),
  };
}

async function write(filesystem: FileSystem, texts: readonly (readonly string[])[]): Promise<void> {
  await makeDirectoryDurably(filesystem, DIRECTORY);
  for (const [file, lines] of texts.entries()) {
    const path = `${DIRECTORY}/visits-${file}.jsonl`;
    if ((await filesystem.status(path)) !== undefined) continue;
    const hidden = `${DIRECTORY}/.visits-${file}`;
    await filesystem.write(hidden, utf8Of(lines.join('')));
    await filesystem.sync(hidden);
    await filesystem.rename(hidden, path);
  }
  await filesystem.sync(DIRECTORY);
}
