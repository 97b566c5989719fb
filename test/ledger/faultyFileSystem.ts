import { type FileSystem, nodeFileSystem, type OpenFile } from '../../src/ledger/fileSystem';

export interface Step {
  /** Counts every change of the disk, from 1. */
  readonly number: number;
  readonly operation: string;
  readonly path: string;
}

/** What happens at a step: nothing, it is thrown, or (for a write) half of the bytes get through first. */
export type Fault = (step: Step) => TornWrite | undefined;

export interface TornWrite {
  readonly half: true;
  readonly error: Error;
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

/**
 * The real file system with a fault before any of the steps that change something. Steps after which the process is
 * meant to be dead are made impossible by a fault that goes on throwing.
 */
export function faultyFileSystem(fault: Fault): FileSystem & { readonly steps: Step[] } {
  const steps: Step[] = [];
  const step = (operation: string, path: string): ReturnType<Fault> => {
    const taken = { number: steps.length + 1, operation, path };
    steps.push(taken);
    return fault(taken);
  };
  const before = <Result>(operation: string, path: string, work: () => Result): Result => {
    const torn = step(operation, path);
    if (torn !== undefined) throw torn.error;
    return work();
  };
  return {
    ...nodeFileSystem,
    steps,
    makeFolder: (path) => before('makeFolder', path, () => nodeFileSystem.makeFolder(path)),
    move: (from, to) => before('move', from, () => nodeFileSystem.move(from, to)),
    create: async (path) => {
      const file = await before('create', path, () => nodeFileSystem.create(path));
      return faultyFile(file, path, step);
    },
    rename: async (from, to) => before('rename', to, () => nodeFileSystem.rename(from, to)),
    link: async (from, to) => before('link', to, () => nodeFileSystem.link(from, to)),
    copy: async (from, to) => before('copy', to, () => nodeFileSystem.copy(from, to)),
    remove: async (path) => before('remove', path, () => nodeFileSystem.remove(path)),
    syncFolder: async (path) => before('syncFolder', path, () => nodeFileSystem.syncFolder(path)),
  };
}

function faultyFile(
  file: OpenFile,
  path: string,
  step: (operation: string, path: string) => ReturnType<Fault>,
): OpenFile {
  return {
    async write(bytes) {
      const torn = step('write', path);
      if (torn === undefined) return file.write(bytes);
      await file.write(bytes.subarray(0, bytes.length >>> 1));
      throw torn.error;
    },
    async sync() {
      const torn = step('sync', path);
      if (torn !== undefined) throw torn.error;
      await file.sync();
    },
    // A process that is dead closes its files too.
    close: () => file.close(),
  };
}
