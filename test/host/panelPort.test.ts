import assert from 'node:assert/strict';
import { panelPage } from '../../src/host/panelPage';
import { servePages } from '../../src/host/panelPort';
import { Endpoint, type Port } from '../../src/protocol/endpoint';

interface Calls {
  slow: { params: null; result: string };
}

describe('The panel’s line', () => {
  it('gives each page its own answers: one for a page that is gone reaches no other', async () => {
    const sent: { page: string; message: { result: string } }[] = [];
    let fromPage: (message: unknown) => void = () => undefined;
    const answers: ((text: string) => void)[] = [];
    servePages(
      { post: (message) => sent.push(message as never), onMessage: (listener) => (fromPage = listener) },
      (port: Port) =>
        new Endpoint<object, object, Calls>(port, {
          slow: () => new Promise<string>((resolve) => answers.push(resolve)),
        }),
    );
    const call = { kind: 'call', id: 1, name: 'slow', params: null };
    fromPage({ page: 'first', message: call });
    fromPage({ page: 'second', message: call });
    answers[0]!('for the first');
    answers[1]!('for the second');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      sent.map(({ page, message }) => [page, message.result]),
      [['second', 'for the second']],
    );
  });

  it('does not stumble over messages that are none of its own', () => {
    let fromPage: (message: unknown) => void = () => undefined;
    let connected = 0;
    servePages({ post: () => undefined, onMessage: (listener) => (fromPage = listener) }, () => connected++);
    for (const odd of [null, 1, 'x', {}, { page: 1 }, { page: 'a' }]) fromPage(odd);
    assert.equal(connected, 0);
  });
});

describe('The panel’s frame', () => {
  const parts = { cspSource: 'https://*.vscode-cdn.net', scriptUri: 's.js', styleUri: 's.css', title: 'T' };

  it('allows its own script by a nonce that is never the same, and nothing inline', () => {
    const one = panelPage({ ...parts, locale: 'en' });
    const other = panelPage({ ...parts, locale: 'en' });
    const nonce = /script-src 'nonce-([^']+)'/.exec(one)?.[1];
    assert.ok(nonce !== undefined && nonce.length >= 22);
    assert.ok(one.includes(`<script nonce="${nonce}" src="s.js">`));
    assert.ok(!other.includes(nonce));
    assert.match(one, /default-src 'none'/);
    assert.doesNotMatch(one, /unsafe|style="|<style/);
  });

  it('lets nothing break out of its attributes', () => {
    assert.ok(!panelPage({ ...parts, locale: '"><script>' }).includes('"><script>'));
  });
});
