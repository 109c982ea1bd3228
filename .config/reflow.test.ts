// Reflowing changes nothing but the line breaks of comments that are too wide.
import test from 'ava';
import { reflowComments } from './reflow.ts';

const WORDS = 'words '.repeat(18).trim();

function reflow(...lines: string[]): string[] {
  return reflowComments('engine/x.ts', lines.join('\n')).split('\n');
}

test('reflowComments() wraps a paragraph and joins what follows it', (t) => {
  const lines = reflow(`// ${WORDS}`, '// and more', '', 'const a = 1;');
  t.deepEqual(lines, [`// ${WORDS.slice(0, -12)}`, '// words words and more', '', 'const a = 1;']);
});

test('reflowComments() leaves lists, blank lines and paragraphs that fit', (t) => {
  const kept = ['// short', '// lines', '//', '// - item', '// - item', '', 'const a = 1; // end'];
  t.deepEqual(reflow(...kept), kept);
});

test('reflowComments() expands a documentation comment', (t) => {
  const lines = reflow(`  /** ${WORDS} */`, '  const a = 1;');
  t.deepEqual(lines.slice(0, 2), ['  /**', `   * ${WORDS.slice(0, -12)}`]);
  t.deepEqual(lines.slice(2), ['   * words words', '   */', '  const a = 1;']);
});

test('reflowComments() does not touch strings', (t) => {
  const kept = ['const a = `', `// ${WORDS}`, '`;'];
  t.deepEqual(reflow(...kept), kept);
});
