import { spawnSync } from 'node:child_process';

/** Lets a bench's own program carry out an order in a process of its own, and returns what that has printed, as JSON. */
export function inProcess(program: string, order: { readonly kind: string }): unknown {
  const child = spawnSync(process.execPath, [program, '--order', JSON.stringify(order)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error(`${order.kind} ended with ${child.status ?? child.signal}`);
  return JSON.parse(child.stdout);
}

/** The value of an option, such as `--size 100`. */
export function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? undefined : process.argv[at + 1];
}
