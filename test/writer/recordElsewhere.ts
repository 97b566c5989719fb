// Records while only the emergency folder works, and is killed.
import { entry, faultyFileSystem, startWriter } from './support';

const { writer } = startWriter(process.argv[2]!, {
  fileSystem: faultyFileSystem((step, path) =>
    step === 'create' && path.includes('/journal') ? 'ENOSPC' : null,
  ),
});
writer.record(entry('a'));
void writer.flush().then(() => process.kill(process.pid, 'SIGKILL'));
