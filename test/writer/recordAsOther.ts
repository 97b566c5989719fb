// Records as a user who may write only to the second folder given.
import { journalFoldersIn } from '../../src/writer/journalPlaces';
import { entry, startWriter } from './support';

process.setgid!(65534);
process.setuid!(65534);
const [locked, open] = process.argv.slice(2) as [string, string];
const harness = startWriter(locked, { folders: journalFoldersIn(locked, open) });
harness.writer.record(entry('a'));
void harness.writer.flush().then(({ durable }) => {
  const { place, errors, fallbacks } = harness.writer.stats();
  console.log(JSON.stringify({ place, errors, fallbacks, durable, emergencies: harness.emergencies }));
});
