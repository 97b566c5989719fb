import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import type { ImportReport } from '../../src/model/importReport';

describe('Importing old usage files in VS Code', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'import-tests-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const bring = (): Thenable<ImportReport> =>
    vscode.commands.executeCommand<ImportReport>(commandIds.importLegacy, {
      folder: vscode.Uri.file(folder),
      confirmed: true,
    });

  it('brings the usage into the ledger once, however often the command is given', async () => {
    // Long ago: what other tests look at stays as it is.
    const usage = { grace: { '2019-06-01': { requests: 4, tokens: 1_000, cost: 0.25, models: ['gpt-2'] } } };
    const path = join(folder, 'daily_usage.json');
    writeFileSync(path, JSON.stringify(usage));
    const first = await bring();
    assert.deepEqual(first.users.first, ['grace']);
    assert.equal(first.ledgerAfter.costNanoDollars - first.ledgerBefore.costNanoDollars, 250_000_000);
    assert.ok(!existsSync(path) && existsSync(`${path}.legacy_backup`));
    writeFileSync(path, JSON.stringify(usage));
    const second = await bring();
    assert.deepEqual(second.ledgerAfter, first.ledgerAfter);
  });
});
