import { spawn } from 'node:child_process';

/** A command that ended badly. `reason` is for programs, `message` (with its output) for people. */
export class CommandFailed extends Error {
  /** @param {'not-found' | 'exit-code' | 'signal' | 'timeout'} reason */
  constructor(reason, commandLine, detail, output) {
    super(`${commandLine}: ${detail}\n${shortened(output)}`.trimEnd());
    this.name = 'CommandFailed';
    this.reason = reason;
  }
}

/** The start, which tends to name the cause, and the end, which tends to name the place. */
function shortened(output) {
  const lines = output.trimEnd().split('\n');
  return (lines.length <= 60 ? lines : [...lines.slice(0, 20), '…', ...lines.slice(-40)]).join('\n');
}

/** Process groups to end when this process ends, however that comes about (short of SIGKILL). */
const running = new Set();

process.once('exit', () => {
  for (const child of running) signalTree(child, 'SIGKILL');
});

/** Makes Ctrl-C and a polite kill run the exit handlers, which by themselves they do not. Gives back the undoing. */
export function endOnSignals() {
  const handlers = [];
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    const handler = () => process.exit(code);
    process.once(signal, handler);
    handlers.push([signal, handler]);
  }
  return () => {
    for (const [signal, handler] of handlers) process.removeListener(signal, handler);
  };
}

/** Sends a signal to a process and, where it leads a process group, to all of that group. */
function signalTree(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') {
      spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
    } else {
      process.kill(child.ownGroup === true ? -child.pid : child.pid, signal);
    }
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Starts a process at the head of its own group, which `endTree` (or the end of this process) ends as a whole. */
export function spawnTree(command, args, options = {}) {
  const child = spawn(command, args, { ...options, detached: process.platform !== 'win32' });
  child.ownGroup = process.platform !== 'win32';
  running.add(child);
  return child;
}

/** Ends what `spawnTree` started: politely, and after `graceMs` for good. */
export async function endTree(child, graceMs = 3000) {
  const ended =
    child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve()
      : new Promise((resolve) => child.once('exit', resolve));
  signalTree(child, 'SIGTERM');
  let timer;
  await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, graceMs)))]);
  clearTimeout(timer);
  // Also when the head of the group went quietly: its children may not have.
  signalTree(child, 'SIGKILL');
  running.delete(child);
}

/**
 * Runs a command and shows nothing of it; what it printed comes back, or is in the error.
 * @returns {Promise<{ stdout: string, stderr: string }>}
 */
export function runQuietly(command, args, { cwd, env, timeoutMs, shell } = {}) {
  const commandLine = [command, ...args].join(' ');
  return new Promise((resolve, reject) => {
    const child = spawnTree(command, args, {
      cwd,
      env: env ?? process.env,
      shell: shell ?? false,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            signalTree(child, 'SIGKILL');
          }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      running.delete(child);
      reject(new CommandFailed('not-found', commandLine, error.message, ''));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      const output = stdout + stderr;
      if (timedOut) reject(new CommandFailed('timeout', commandLine, `no end after ${timeoutMs} ms`, output));
      else if (signal !== null)
        reject(new CommandFailed('signal', commandLine, `ended by ${signal}`, output));
      else if (code !== 0) reject(new CommandFailed('exit-code', commandLine, `exit code ${code}`, output));
      else resolve({ stdout, stderr });
    });
  });
}

/** Runs a command whose output goes where ours goes. @returns {Promise<number>} its exit code, 1 for a signal */
export function runShown(command, args, { cwd, env, shell } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawnTree(command, args, {
      cwd,
      env: env ?? process.env,
      shell: shell ?? false,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', (error) => {
      running.delete(child);
      reject(new CommandFailed('not-found', command, error.message, ''));
    });
    child.once('exit', (code) => {
      running.delete(child);
      resolve(code ?? 1);
    });
  });
}

/** Runs npm, the one that runs us where there is one, without the settings of the run we are in. */
export function runNpm(args, { cwd, env = process.env, timeoutMs } = {}) {
  const clean = Object.fromEntries(
    Object.entries(env).filter(
      ([name]) =>
        !/^npm_(lifecycle|package|command|config_local_prefix|config_prefix|config_omit)/i.test(name),
    ),
  );
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const execPath = env.npm_execpath;
  return execPath !== undefined && /npm-cli\.c?js$/.test(execPath)
    ? runQuietly(process.execPath, [execPath, ...args, ...quiet], { cwd, env: clean, timeoutMs })
    : runQuietly('npm', [...args, ...quiet], {
        cwd,
        env: clean,
        timeoutMs,
        shell: process.platform === 'win32',
      });
}
