import assert from 'node:assert/strict';
import { faultyFileSystem, systemError } from './faultyFileSystem';
import { openLedger, removeFolder, temporaryFolder } from './fixtures';
import { expectedOf, said, tangledRecords } from './scenario';

describe('a ledger on a disk that fails', function () {
  this.timeout(120_000);

  for (const code of ['ENOSPC', 'EIO', 'EACCES'])
    it(`goes on after ${code} at any step, and saves all when the disk is well again`, async () => {
      const first = tangledRecords(60, 8);
      const second = tangledRecords(60, 9);
      let steps = Infinity;
      for (let failAt = 1; failAt <= steps; failAt++) {
        const place = temporaryFolder();
        let broken = false;
        let count = 0;
        const fs = faultyFileSystem(() => {
          if (broken && ++count >= failAt) throw systemError(code);
          return undefined;
        });
        const one = await openLedger(place, { fs, maxOpenMonths: 1 });
        one.fold(first);
        one.putCursor('/scan', 1);
        await one.checkpoint();
        one.fold(second);
        one.putCursor('/scan', 2);
        broken = true;
        const result = await one.checkpoint();
        const expectedReason = code === 'ENOSPC' ? 'disk-full' : code === 'EIO' ? 'io' : 'permission';
        for (const { reason } of result.failures) assert.equal(reason, expectedReason);
        const on = await openLedger(place);
        assert.deepEqual(on.health().recoveries, []);
        assert.deepEqual(on.verify(), []);
        // The catalogue speaks of the second half only if all of it is there.
        const told = on.fold(on.cursor('/scan') === 2 ? [...first, ...second] : first);
        assert.deepEqual([told.added, told.replaced], [0, 0], `step ${failAt}`);
        await on.close();
        assert.deepEqual(one.verify(), []);
        if (count < failAt) steps = count;
        broken = false;
        assert.equal((await one.checkpoint()).complete, true);
        const expected = await expectedOf([...first, ...second]);
        assert.deepEqual(await said(one), expected);
        await one.close();
        const last = await openLedger(place);
        assert.deepEqual(await said(last), expected);
        assert.equal(last.cursor('/scan'), 2);
        await last.close();
        removeFolder(place);
      }
      assert.ok(steps > 20, `${steps} steps`);
    });
});
