// Mocha's spec report, and besides the counts as JSON in the file that USAGE_LEDGER_TEST_RESULTS names:
// `npm test` adds up suites that run in different processes, and in VS Code.
// Where USAGE_LEDGER_TEST_OUTPUT names a file, the report goes there instead of the console,
// which inside VS Code is full of other people's messages.
const { appendFileSync, writeFileSync } = require('node:fs');
const { format } = require('node:util');
const { reporters, Runner } = require('mocha');

const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING, EVENT_RUN_END } = Runner.constants;

class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    const outputPath = process.env.USAGE_LEDGER_TEST_OUTPUT;
    if (outputPath) {
      reporters.Base.consoleLog = (...args) => appendFileSync(outputPath, `${format(...args)}\n`);
    }
    super(runner, options);
    const resultsPath = process.env.USAGE_LEDGER_TEST_RESULTS;
    if (!resultsPath) return;
    // Written as they come, so that a crash half-way loses nothing; `ended` tells that there was none.
    const counts = { passed: 0, failed: 0, skipped: 0, ended: false };
    const write = () => writeFileSync(resultsPath, JSON.stringify(counts));
    const count = (name) => () => {
      counts[name] += 1;
      write();
    };
    write();
    runner.on(EVENT_TEST_PASS, count('passed'));
    runner.on(EVENT_TEST_FAIL, count('failed'));
    runner.on(EVENT_TEST_PENDING, count('skipped'));
    runner.once(EVENT_RUN_END, () => {
      counts.ended = true;
      write();
    });
  }
}

module.exports = CountingReporter;
