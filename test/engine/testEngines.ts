import type { EngineStart } from '../../src/protocol/engineApi';
import { TestFolder } from '../sources/claude/transcriptFixtures';
import { TestEngine } from './engineFixture';

/** For the tests of one `describe`: a new folder for each, and engines that end with it. */
export class TestEngines {
  #folder: TestFolder | null = null;
  #running: TestEngine[] = [];

  constructor() {
    beforeEach(() => {
      this.#folder = new TestFolder();
    });
    afterEach(async () => {
      await Promise.all(this.#running.splice(0).map((engine) => engine.stop()));
      this.#folder?.remove();
      this.#folder = null;
    });
  }

  /** A path in the test's folder. */
  at(...parts: readonly string[]): string {
    if (this.#folder === null) throw new Error('there is a folder in a test only');
    return this.#folder.at(...parts);
  }

  start(start: EngineStart): TestEngine {
    const engine = new TestEngine(start);
    this.#running.push(engine);
    return engine;
  }
}
