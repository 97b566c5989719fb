import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../src/model/errors';
import { sweepTemporaryFiles, writeAtomically } from '../../src/ledger/atomicFile';
import { nodeFileSystem } from '../../src/ledger/fileSystem';
import { faultyFileSystem, systemError } from './faultyFileSystem';
import { removeFolder, temporaryFolder } from './fixtures';

describe('atomic write', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder, 'file');
  });
  afterEach(() => removeFolder(folder));
  const text = (name = 'file') => readFileSync(join(folder, name), 'utf8');
  const write = (content: string, fs = nodeFileSystem) =>
    writeAtomically(path, Buffer.from(content), { fs, backup: true });

  it('writes, replaces, and keeps the generation before', async () => {
    await write('one');
    assert.deepEqual(readdirSync(folder), ['file']);
    await write('two');
    await write('three');
    assert.deepEqual([text(), text('file.bak')], ['three', 'two']);
    assert.deepEqual(readdirSync(folder).sort(), ['file', 'file.bak']);
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('syncs the file before the rename and the folder after it', async () => {
    const fs = faultyFileSystem(() => undefined);
    await write('one', fs);
    await write('two', fs);
    const second = fs.steps.map(({ operation }) => operation).slice(-8);
    assert.deepEqual(second, ['create', 'write', 'sync', 'link', 'rename', 'remove', 'rename', 'syncFolder']);
  });

  it('copes with a backup that is the same file already', async () => {
    await write('one');
    await nodeFileSystem.link(path, `${path}.bak`);
    await write('two');
    assert.deepEqual([text(), text('file.bak')], ['two', 'one']);
    assert.deepEqual(readdirSync(folder).sort(), ['file', 'file.bak']);
  });

  for (const code of ['ENOSPC', 'EIO', 'EACCES'])
    it(`leaves the old generation when any step fails with ${code}, and nothing beside it`, async () => {
      await write('zero');
      let steps = Infinity;
      let content = 'zero';
      for (let failAt = 1; failAt <= steps; failAt++) {
        const fs = faultyFileSystem(({ number }) => {
          if (number === failAt) throw systemError(code);
          return undefined;
        });
        try {
          await write(`number ${failAt}`, fs);
          content = `number ${failAt}`;
        } catch (error) {
          assert.equal(errorCode(error), code);
          const renamed = fs.steps.at(-1)?.operation === 'syncFolder';
          if (renamed) content = `number ${failAt}`;
        }
        if (fs.steps.length < failAt) steps = fs.steps.length;
        assert.equal(text(), content);
        const left = readdirSync(folder).filter((name) => name !== 'file' && name !== 'file.bak');
        await sweepTemporaryFiles(nodeFileSystem, folder);
        assert.deepEqual(
          left.filter((name) => !name.endsWith('.tmp')),
          [],
        );
        // Only a removal that fails leaves a temporary file.
        if (left.length > 0) assert.ok(fs.steps.some(({ operation }) => operation === 'remove'));
      }
      assert.ok(steps >= 8);
    });

  it('keeps half a write out of sight', async () => {
    await write('one');
    const fs = faultyFileSystem(({ operation }) =>
      operation === 'write' ? { half: true, error: systemError('ENOSPC') } : undefined,
    );
    await assert.rejects(write('two', fs));
    assert.equal(text(), 'one');
    assert.deepEqual(readdirSync(folder), ['file']);
  });

  it('tries a forbidden rename again, and gives up after the last pause', async () => {
    let refusals = 3;
    const fs = faultyFileSystem(({ operation }) => {
      if (operation === 'rename' && refusals-- > 0) throw systemError('EBUSY');
      return undefined;
    });
    const options = { fs, renameRetryMs: [1, 1, 1] };
    await writeAtomically(path, Buffer.from('one'), options);
    assert.equal(text(), 'one');
    refusals = 4;
    await assert.rejects(
      writeAtomically(path, Buffer.from('two'), options),
      (error) => errorCode(error) === 'EBUSY',
    );
    assert.equal(text(), 'one');
    assert.deepEqual(readdirSync(folder), ['file']);
  });

  it('copies the old generation where there are no hard links', async () => {
    const fs = faultyFileSystem(({ operation }) => {
      if (operation === 'link') throw systemError('ENOTSUP');
      return undefined;
    });
    await write('one');
    await write('two', fs);
    assert.deepEqual([text(), text('file.bak')], ['two', 'one']);
  });

  it('changes nothing that others can see when the lease forbids it', async () => {
    await write('one');
    const forbidden = new Error('lease lost');
    await assert.rejects(
      writeAtomically(path, Buffer.from('two'), {
        fs: nodeFileSystem,
        backup: true,
        beforeRename: () => {
          throw forbidden;
        },
      }),
      forbidden,
    );
    assert.equal(text(), 'one');
    assert.deepEqual(readdirSync(folder), ['file']);
  });

  it('moves a folder out of the way that stands in the place of the file', async () => {
    mkdirSync(path);
    writeFileSync(join(path, 'inside'), 'kept');
    await writeAtomically(path, Buffer.from('one'), {
      fs: nodeFileSystem,
      backup: true,
      displace: (taken) => nodeFileSystem.move(taken, join(folder, 'moved')),
    });
    assert.equal(text(), 'one');
    assert.equal(readFileSync(join(folder, 'moved', 'inside'), 'utf8'), 'kept');
    assert.deepEqual(readdirSync(folder).sort(), ['file', 'moved']);
  });

  it('sweeps what a killed process left, and nothing else', async () => {
    const names = ['file.1-0-1.tmp', 'file.bak.99-2-7.tmp', 'notes.tmp', 'file'];
    for (const name of names) writeFileSync(join(folder, name), name);
    assert.equal(await sweepTemporaryFiles(nodeFileSystem, folder), 2);
    assert.deepEqual(readdirSync(folder).sort(), ['file', 'notes.tmp']);
  });
});
