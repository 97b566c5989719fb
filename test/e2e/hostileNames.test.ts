import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { plainName } from '../../src/model/format';
import { parseCsv } from '../host/parseCsv';
import { Workbench } from './harness/workbench';
import type { WorkbenchWindow } from './harness/workbenchWindow';
import { oneDollarLine, zoneAtNoon } from './oneDollar';

const ticker = { id: 'usageLedger.ticker' } as const;

/** Each would do harm somewhere, if it were taken for more than a name. The first are those that the tooltip shows. */
const hostileNames = [
  '[x](command:workbench.action.closeWindow)|`y`',
  '<img src=x onerror="document.documentElement.dataset.harmed=1">',
  '$(trash) \u202egnp.exe\u202c \u05e9\u05dc\u05d5\u05dd',
  '</script><script>document.documentElement.dataset.harmed=1</script>',
  '"><svg onload="document.documentElement.dataset.harmed=1">',
  '<a href="command:workbench.action.closeWindow">x</a>',
  '```\n# one\r\ntwo\u2028three | four',
  '**a** | _b_ \\| ~~c~~ \\',
  '=HYPERLINK("http://example.org/?"&A1,"x")',
  '+1',
  "-2+cmd|' /C calc'!A0",
  '@x',
  '\t=1+1',
  `long-${'x'.repeat(300)}`,
];
const escapesFormula = /^[=+\-@\t\r]/;
const sum = (hostileNames.length * (hostileNames.length + 1)) / 2;

/** Something that is not a path at all is a project too, where a transcript says so. */
const projectOf = (name: string): string => (escapesFormula.test(name) ? name : `/home/sample/${name}`);

describe('names that are full of markup, formulas and tricks, in a real VS Code', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  let window: WorkbenchWindow;

  before(async () => {
    workbench = await Workbench.start({ timeZone: zoneAtNoon() });
    const folder = join(workbench.claudeConfigDir, 'projects', '-home-sample-atlas');
    mkdirSync(folder, { recursive: true });
    for (const [index, name] of hostileNames.entries()) {
      const session = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
      for (let count = index; count < hostileNames.length; count++)
        appendFileSync(
          join(folder, `${session}.jsonl`),
          oneDollarLine(`${index}-${count}`, { project: projectOf(name), branch: name, session }),
        );
    }
    window = await workbench.openWindow();
    await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await window.statusBarItem(new RegExp(`\\$${sum}\\.00`));
  });

  after(() => workbench.stop());

  it('are words in the tooltip: no link but our own, no icon, no markup', async () => {
    const tooltip = await window.openTooltip(ticker);
    const text = await tooltip.innerText();
    assert.ok(text.includes('[x](command:'), text);
    assert.ok(text.includes('<img src=x'), text);
    assert.ok(text.replaceAll('\u2060', '').includes('$(trash) gnp.exe'), text);
    for (const link of await tooltip.locator('a').all())
      assert.match(
        String((await link.getAttribute('data-href')) ?? (await link.getAttribute('href'))),
        /^command:usageLedger\.\w+$/,
      );
    assert.equal(await tooltip.locator('img, script, svg, code, .codicon-trash').count(), 0);
    const rows = await tooltip.locator('tr').all();
    assert.ok(rows.length > 8, text);
    // A name that ends its cell would make its row longer, or its figure another's.
    for (const row of rows) assert.equal(await row.locator('th, td').count(), 4);
    for (const [index, name] of ['[x](', '<img', 'gnp.exe'].entries())
      assert.match(
        await tooltip.locator('tr', { hasText: name }).locator('td').nth(1).innerText(),
        new RegExp(`^\\s*\\$${hostileNames.length - index}\\.00$`),
      );
    await window.screenshot('hostile-tooltip');
  });

  it('are words in each table and list of the panel', async () => {
    await window.runCommand('Usage Ledger: Show Panel');
    const panel = await window.panelFrame();
    await panel.getByText(`$${sum}.00`).first().waitFor();
    await unharmed(panel);
    await panel.locator('input[name="names"][value="branch"]').check();
    const shown = panel.locator('.chosenNames tbody .nameText');
    await shown.nth(1).waitFor();
    const all = panel.getByRole('button', { name: /^Show all/i });
    if ((await all.count()) > 0) await all.last().click();
    await shown.nth(hostileNames.length - 1).waitFor();
    assert.deepEqual(
      (await shown.allTextContents()).sort(),
      hostileNames.map((name) => plainName(name, 160)).sort(),
    );
    await unharmed(panel);
    await window.screenshot('hostile-panel');

    await panel.getByRole('button', { name: 'Filter', exact: true }).click();
    await panel.locator('input[name="filterDimension"][value="branch"]').check();
    await panel.locator('.check', { hasText: '<img src=x' }).click();
    await panel.locator('.chip', { hasText: '<img src=x' }).waitFor();
    await unharmed(panel);
    await window.page.keyboard.press('Escape');
    await panel.getByRole('button', { name: /^Remove filter/ }).click();
  });

  it('are words on the other tabs, and in a session', async () => {
    const panel = await window.panelFrame();
    for (const tab of ['Rhythm', 'Accuracy', 'Sessions']) {
      await panel.getByRole('tab', { name: tab }).click();
      await window.page.waitForTimeout(500);
      await unharmed(panel);
    }
    const rows = panel.locator('.sessionTable tbody tr[data-row]');
    await rows.nth(hostileNames.length - 1).waitFor({ state: 'attached' });
    for (const name of ['[x](command:', '<img src=x', '</script>', '<svg onload']) {
      await rows.filter({ hasText: name }).first().getByRole('button').first().click();
      await panel.locator('.messageTable tbody tr').first().waitFor();
      await unharmed(panel);
      await panel.getByRole('button', { name: 'Sessions' }).click();
      await rows.first().waitFor();
    }
  });

  it('are no formulas in a CSV, and come back from it as they were', async () => {
    const target = join(workbench.folder, 'hostile.csv');
    await window.runCommand('Usage Ledger: Export…');
    await window.chooseQuickPick('Messages');
    await window.chooseQuickPick('All time');
    await window.chooseQuickPick('CSV');
    await window.confirmPath(target);
    await window.notification(/Exported/);
    const [head, ...rows] = parseCsv(readFileSync(target, 'utf8'));
    assert.equal(rows.length, sum);
    const cell = (row: readonly string[], column: string): string => row[head!.indexOf(column)]!;
    const written = new Map(rows.map((row) => [cell(row, 'branch'), cell(row, 'project')]));
    assert.deepEqual(
      [...written].sort(),
      hostileNames
        .map((name) => [name, projectOf(name)].map((text) => (escapesFormula.test(text) ? `'${text}` : text)))
        .sort(),
    );
    for (const row of rows) {
      assert.equal(row.length, head!.length);
      for (const text of row) assert.doesNotMatch(text, escapesFormula);
    }
  });

  it('leave a copied Markdown table its columns, and nothing in it is markup', async () => {
    await window.runCommand('Usage Ledger: Export…');
    await window.chooseQuickPick('Sessions');
    await window.chooseQuickPick('All time');
    await window.chooseQuickPick('Markdown');
    let text = '';
    for (const end = performance.now() + 30_000; !text.startsWith('| session |');) {
      assert.ok(performance.now() < end, `the clipboard holds ${text}`);
      await window.page.waitForTimeout(100);
      text = await window.page.evaluate<string>('navigator.clipboard.readText()');
    }
    const lines = text.trimEnd().split('\n');
    assert.equal(lines.length, hostileNames.length + 2);
    const [head, , ...rows] = lines.map(markdownCells);
    const branches = rows.map((row) => row[head!.indexOf('branches')]!);
    for (const row of rows) assert.equal(row.length, head!.length);
    assert.deepEqual(branches.map(unescaped).sort(), hostileNames.map((name) => plainName(name, 300)).sort());
    for (const branch of branches) {
      const bare = branch.replaceAll(/\\[!-/:-@[-`{-~]/g, '');
      assert.doesNotMatch(bare, /[\\`*_[\]<>|~]|:\/\/|@(?!\u2060)/, branch);
    }
  });

  /** The page is as our own script has made it, whatever the names say. */
  async function unharmed(panel: Frame): Promise<void> {
    const found = await panel.evaluate(`(() => {
      const all = [...document.querySelectorAll('main, main *')];
      return {
        foreign: all
          .filter((node) => node.matches('img, script, iframe, object, embed, a, style, link, form'))
          .map((node) => node.outerHTML),
        handlers: all.flatMap((node) => node.getAttributeNames().filter((name) => name.startsWith('on'))),
        harmed: document.documentElement.dataset.harmed ?? null,
        wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
      };
    })()`);
    assert.deepEqual(found, { foreign: [], handlers: [], harmed: null, wide: false });
    assert.deepEqual(window.webviewTroubles, []);
  }
});

function markdownCells(line: string): string[] {
  return [...line.matchAll(/ ((?:\\.|[^|\\])*) \|/g)].map(([, cell]) => cell!);
}

function unescaped(cell: string): string {
  return cell.replaceAll(/\\([!-/:-@[-`{-~])/g, '$1').replaceAll('\u2060', '');
}
