import assert from 'node:assert/strict';
import { FailureWarning } from '../../src/host/failureWarning';
import { healthyScan } from '../webview/fixtures';

describe('The warning of failing runs', () => {
  it('comes after five failures in a row, once, and again only after a success', () => {
    const said: number[] = [];
    const warning = new FailureWarning((failures) => said.push(failures));
    const fail = (consecutiveFailures: number): void =>
      warning.look({ ...healthyScan, state: 'failing', consecutiveFailures });
    for (let count = 1; count <= 4; count++) fail(count);
    assert.deepEqual(said, []);
    for (let count = 5; count <= 9; count++) fail(count);
    assert.deepEqual(said, [5]);
    warning.look({ ...healthyScan, consecutiveFailures: 0 });
    for (let count = 1; count <= 6; count++) fail(count);
    assert.deepEqual(said, [5, 5]);
  });

  it('comes in the window that leads only', () => {
    const warning = new FailureWarning(() => assert.fail('a follower warned'));
    warning.look({ ...healthyScan, role: 'follower', consecutiveFailures: 7 });
    warning.look({ ...healthyScan, role: 'leader' });
  });
});
