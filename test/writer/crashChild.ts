// A window that records without end, until it is killed. It writes down, in a file of its own and at once, what it has
// recorded by when and what a flush has acknowledged: `r <n> <ms>` and `a <n>` speak of all records before the n-th.
import { appendFileSync } from 'node:fs';
import type { FlushOutcome } from '../../src/api';
import { defaultWriterTiming } from '../../src/writer/writerSettings';
import { entry, startWriter } from './support';

const [folder, audit, name, durability] = process.argv.slice(2) as [string, string, string, string];
const note = (line: string) => appendFileSync(audit, `${line}\n`);
const { writer } = startWriter(folder, {
  sink: { flush: () => Promise.resolve<FlushOutcome>({ durable: 'journal', records: 0 }) },
  settings: { durability: durability === 'immediate' ? 'immediate' : 'grouped', flushRecords: 500 },
  timing: defaultWriterTiming,
});

let recorded = 0;
let flushing = false;

function storm(): void {
  for (let more = 1 + Math.floor(Math.random() * 40); more > 0; more--) {
    writer.record(entry(`${name}-${recorded}`, { inputTokens: recorded }));
    recorded++;
  }
  note(`r ${recorded} ${performance.now()}`);
  if (!flushing && Math.random() < 0.1) {
    flushing = true;
    const upTo = recorded;
    void writer.flush().then(() => {
      note(`a ${upTo}`);
      flushing = false;
    });
  }
  if (Math.random() < 0.3) setTimeout(storm, Math.random() * 8);
  else setImmediate(storm);
}
storm();
