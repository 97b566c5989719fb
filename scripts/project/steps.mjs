/**
 * Says what is being done, a line a step, each with its seconds once it is through:
 * people wait better when they know for what.
 */
export class Steps {
  /** @param {(line: string) => void} write takes one line, without its line end */
  constructor(write) {
    this.write = write;
  }

  /** @template T @param {string} title @param {() => T | Promise<T>} work @returns {Promise<T>} */
  async run(title, work) {
    const startedMs = performance.now();
    try {
      const result = await work();
      this.write(`  ${title} (${seconds(startedMs)})`);
      return result;
    } catch (error) {
      this.write(`  ${title}: failed (${seconds(startedMs)})`);
      throw error;
    }
  }

  say(line) {
    this.write(`  ${line}`);
  }
}

function seconds(startedMs) {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}

/** Lines on standard output, as they come. */
export const stepsOnStdout = () => new Steps((line) => process.stdout.write(`${line}\n`));

/** Lines on standard error: for commands whose output is their result. */
export const stepsOnStderr = () => new Steps((line) => process.stderr.write(`${line}\n`));

/** Keeps the lines until they are let out, so that they do not run into another command's output. */
export class HeldSteps extends Steps {
  constructor() {
    const held = [];
    super((line) => held.push(line));
    this.held = held;
  }

  letOut(write) {
    for (const line of this.held.splice(0)) write(line);
  }
}
