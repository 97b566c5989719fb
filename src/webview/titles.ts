import { useEffect, useState } from 'preact/hooks';
import type { SessionTitle } from '../model/query';
import type { HostEndpoint } from './hostLink';
import { useWords } from './words';

/** Titles of sessions, read when they are looked at. They live as long as this page and are kept nowhere else. */
export class Titles {
  readonly #host: Pick<HostEndpoint, 'call'>;
  readonly #byPath = new Map<string, SessionTitle | null>();
  readonly #reading = new Map<string, Promise<void>>();

  constructor(host: Pick<HostEndpoint, 'call'>) {
    this.#host = host;
  }

  known(path: string): SessionTitle | null | undefined {
    return this.#byPath.get(path);
  }

  /** Resolves when the title is known, or known not to be had. */
  read(path: string): Promise<void> {
    let reading = this.#reading.get(path);
    if (reading === undefined) {
      reading = this.#host.call('sessionTitle', { transcriptPath: path }).then(
        (title) => void this.#byPath.set(path, title),
        // A title is an extra: without one the session goes by its project.
        () => void this.#byPath.set(path, null),
      );
      this.#reading.set(path, reading);
    }
    return reading;
  }
}

/** The title of a session once `wanted` (it is in view); null while there is none. */
export function useTitle(path: string | null, wanted: boolean): string | null {
  const { titles } = useWords();
  const [, setRead] = useState('');
  useEffect(() => {
    if (path === null || !wanted || titles.known(path) !== undefined) return undefined;
    let here = true;
    void titles.read(path).then(() => {
      if (here) setRead(path);
    });
    return () => {
      here = false;
    };
  }, [titles, path, wanted]);
  return path === null ? null : (titles.known(path)?.title ?? null);
}
