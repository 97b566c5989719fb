// A program that records and has nothing more to do.
import { entry, startWriter } from './support';

const { writer } = startWriter(process.argv[2]!);
writer.record(entry('a'));
writer.record(entry('b'));
