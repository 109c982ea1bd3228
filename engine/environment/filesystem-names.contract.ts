// The part of the FileSystem contract about names and directories.

import test from 'ava';

import { bytesOf, fails, textOf } from './vocabulary.contract.ts';
import type { OpenFileSystem } from './filesystem-content.contract.ts';

export function renameContract(name: string, open: OpenFileSystem): void {
  test(`${name}: rename() moves a file and replaces the target`, async (t) => {
    const files = await open(t);
    await files.makeDirectory('/d');
    await files.write('/a', bytesOf('new'));
    await files.write('/d/b', bytesOf('old'));
    await files.rename('/a', '/d/b');
    t.is(textOf(await files.read('/d/b')), 'new');
    t.is(await files.status('/a'), undefined);
    await files.rename('/d/b', '/d/b');
    t.is(textOf(await files.read('/d/b')), 'new');
  });

  test(`${name}: rename() moves a directory with all below it`, async (t) => {
    const files = await open(t);
    await files.makeDirectory('/a/b');
    await files.write('/a/b/file', bytesOf('deep'));
    await files.makeDirectory('/empty');
    await files.rename('/a', '/moved');
    await files.rename('/moved', '/empty');
    t.is(textOf(await files.read('/empty/b/file')), 'deep');
    t.deepEqual(await files.list('/'), ['empty']);
  });

  test(`${name}: rename() between two names of one file keeps both`, async (t) => {
    const files = await open(t);
    await files.write('/a', bytesOf('x'));
    await files.link('/a', '/b');
    await files.rename('/a', '/b');
    t.deepEqual(await files.list('/'), ['a', 'b']);
  });

  test(`${name}: rename() fails where POSIX says so`, async (t) => {
    const files = await open(t);
    await files.makeDirectory('/full/inner');
    await files.makeDirectory('/empty');
    await files.write('/file', bytesOf('x'));
    await fails(t, 'ENOENT', files.rename('/none', '/x'));
    await fails(t, 'ENOENT', files.rename('/file', '/none/x'));
    await fails(t, 'ENOTDIR', files.rename('/file', '/file/x'));
    await fails(t, 'ENOTDIR', files.rename('/full', '/file'));
    await fails(t, 'EISDIR', files.rename('/file', '/empty'));
    await fails(t, 'ENOTEMPTY', files.rename('/empty', '/full'));
    await fails(t, 'ENOTEMPTY', files.rename('/full/inner', '/full'));
    await fails(t, 'EINVAL', files.rename('/full', '/full/inner/below'));
    await fails(t, 'EINVAL', files.rename('/', '/x'));
    await fails(t, 'EINVAL', files.rename('/file', '/'));
    t.deepEqual(await files.list('/'), ['empty', 'file', 'full']);
  });
}

export function linkContract(name: string, open: OpenFileSystem): void {
  test(`${name}: link() gives a file two names with one content`, async (t) => {
    const files = await open(t);
    await files.write('/a', bytesOf('one'));
    await files.link('/a', '/b');
    await files.append('/b', bytesOf(' two'));
    t.is(textOf(await files.read('/a')), 'one two');
    await files.remove('/a');
    t.is(textOf(await files.read('/b')), 'one two');
    await files.write('/a', bytesOf('another'));
    t.is(textOf(await files.read('/b')), 'one two');
  });

  test(`${name}: link() fails where POSIX says so`, async (t) => {
    const files = await open(t);
    await files.write('/a', bytesOf('x'));
    await files.makeDirectory('/d');
    await fails(t, 'ENOENT', files.link('/none', '/b'));
    await fails(t, 'ENOENT', files.link('/a', '/none/b'));
    await fails(t, 'ENOTDIR', files.link('/a', '/a/b'));
    await fails(t, 'EEXIST', files.link('/a', '/d'));
    await fails(t, 'EEXIST', files.link('/a', '/a'));
    await fails(t, 'EEXIST', files.link('/a', '/'));
    await fails(t, 'EACCES', files.link('/d', '/e'));
  });
}

export function pathContract(name: string, open: OpenFileSystem): void {
  test(`${name}: names may be any well-formed text`, async (t) => {
    const files = await open(t);
    const names = [
      '日本語',
      'a b',
      'ä',
      '🎈',
      'quote\'"',
      'back\\slash',
      '-rf',
      '...',
      'x'.repeat(255),
    ];
    for (const path of names) await files.write(`/${path}`, bytesOf(path));
    t.deepEqual([...(await files.list('/'))], [...names].sort());
    for (const path of names) t.deepEqual(await files.read(`/${path}`), bytesOf(path));
  });

  test(`${name}: malformed paths are EINVAL everywhere`, async (t) => {
    const files = await open(t);
    const malformed = ['', 'a', './a', '/a/', '//a', '/a//b', '/./a', '/a/..', '/\0', '/\ud800'];
    for (const path of [...malformed, `/${'x'.repeat(256)}`, `/${'ä'.repeat(128)}`]) {
      await fails(t, 'EINVAL', files.read(path));
      await fails(t, 'EINVAL', files.write(path, bytesOf('x')));
      await fails(t, 'EINVAL', files.rename('/none', path));
      await fails(t, 'EINVAL', files.makeDirectory(path));
      await fails(t, 'EINVAL', files.status(path));
      await fails(t, 'EINVAL', files.sync(path));
    }
    t.deepEqual(await files.list('/'), []);
  });
}

export function directoryContract(name: string, open: OpenFileSystem): void {
  test(`${name}: makeDirectory() creates missing parents, accepts an existing one`, async (t) => {
    const files = await open(t);
    await files.makeDirectory('/a/b/c');
    await files.makeDirectory('/a/b/c');
    await files.makeDirectory('/');
    t.deepEqual(await files.status('/a/b/c'), { kind: 'directory' });
    t.deepEqual(await files.status('/'), { kind: 'directory' });
    await files.write('/file', bytesOf('x'));
    await fails(t, 'ENOTDIR', files.makeDirectory('/file'));
    await fails(t, 'ENOTDIR', files.makeDirectory('/file/below'));
  });

  test(`${name}: list() gives names in ascending code-unit order`, async (t) => {
    const files = await open(t);
    const names = ['b', 'B', 'a', 'ä', '10', '9', 'Z', '\u{ffee}', '\u{1f388}', '_'];
    for (const path of names) await files.create(`/${path}`, new Uint8Array());
    await files.makeDirectory('/c/inner');
    t.deepEqual([...(await files.list('/'))], [...names, 'c'].sort());
    t.deepEqual(await files.list('/c'), ['inner']);
  });

  test(`${name}: remove() takes files and empty directories`, async (t) => {
    const files = await open(t);
    await files.makeDirectory('/d/inner');
    await files.write('/d/file', bytesOf('x'));
    await fails(t, 'ENOTEMPTY', files.remove('/d'));
    await files.remove('/d/inner');
    await files.remove('/d/file');
    await files.remove('/d');
    await fails(t, 'ENOENT', files.remove('/d'));
    await fails(t, 'EINVAL', files.remove('/'));
    t.deepEqual(await files.list('/'), []);
  });

  test(`${name}: a removed file starts anew`, async (t) => {
    const files = await open(t);
    await files.append('/a', bytesOf('old'));
    await files.remove('/a');
    await files.append('/a', bytesOf('new'));
    t.is(textOf(await files.read('/a')), 'new');
  });

  test(`${name}: status() is undefined where nothing has the name`, async (t) => {
    const files = await open(t);
    await files.write('/file', bytesOf('x'));
    t.is(await files.status('/none'), undefined);
    t.is(await files.status('/none/below'), undefined);
    t.is(await files.status('/file/below'), undefined);
  });
}
