// Finds out who called: the file and line of the first frame that is neither Node's nor the
// guard's. The place is for people; it never enters a digest.

const FRAME = /(?:\(|at (?:async )?)((?:file:\/\/)?[^()\s]+):(\d+):\d+\)?$/;

interface Frame {
  readonly file: string;
  readonly line: string;
}

/** `file:line` of the nearest caller outside of `ownFile`. */
export function callPlace(ownFile: string): string {
  const caller = framesOf(new Error('where').stack).find(
    ({ file }) => file !== ownFile && file !== OWN_FILE && !file.startsWith('node:'),
  );
  return caller === undefined ? 'unknown place' : `${caller.file}:${caller.line}`;
}

/** The file of the function that calls this. */
export function callingFile(): string {
  const frames = framesOf(new Error('where').stack);
  return frames.find(({ file }) => file !== OWN_FILE)?.file ?? 'unknown file';
}

function framesOf(stack: string | undefined): readonly Frame[] {
  return (stack ?? '').split('\n').flatMap((text) => {
    const [, file, line] = FRAME.exec(text) ?? [];
    if (file === undefined || line === undefined) return [];
    return [{ file: file.replace(/^file:\/\//, ''), line }];
  });
}

const OWN_FILE = framesOf(new Error('where').stack)[0]?.file ?? 'unknown file';
