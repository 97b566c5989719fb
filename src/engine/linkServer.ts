import { randomBytes } from 'node:crypto';
import { chmodSync, rmdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { errorCode, LedgerError, reasonOfSystemError } from '../model/errors';
import { Endpoint, type Handlers } from '../protocol/endpoint';
import type { EngineCalls, EngineEvents } from '../protocol/engineApi';
import { SocketPort } from '../protocol/socketPort';
import type { Lease } from '../ledger/lease';
import { writePrivateFile } from '../ledger/leaseFile';
import {
  type Hello,
  type HelloReply,
  isHello,
  type LeaderEndpoint,
  linkProtocolVersion,
  trustedFrameBytes,
  untrustedFrameBytes,
} from './linkHello';
import {
  linkFilePath,
  makePrivateFolder,
  newPipePath,
  newSocketPath,
  readLinkRecord,
  removeOldSockets,
  socketFolders,
} from './linkPlace';
import { sameSecret } from './sameSecret';

export interface Follower {
  readonly windowId: string;
  /** May be newer than ours: then the leader should hand over. */
  readonly schemaVersion: number;
}

export interface LinkServerOptions {
  /** Absolute folder of the ledger, where `link.json` is published. */
  readonly folder: string;
  /** What makes it ours to publish here and to remove what former leaders left. */
  readonly lease: Pick<Lease, 'check' | 'epoch'>;
  readonly schemaVersion?: number;
  readonly token?: string;
  /** What one follower may call; asked once a connection, so that it can know whom it answers. */
  readonly handlers: (follower: Follower) => Handlers<EngineCalls>;
  /** The follower is welcome: what is told now is the first that it hears. */
  readonly onConnection?: (endpoint: LeaderEndpoint, follower: Follower) => void;
  /** Connections that were turned away, and failures of the listening socket; for the log and the counters. */
  readonly onProblem?: (error: LedgerError) => void;
  /** Time in which a stranger must have proved itself, in milliseconds. */
  readonly helloMs?: number;
}

/** More strangers than this at once are turned away unread. */
const maxStrangers = 32;

/** The leader's side of the link: takes in followers that know the token, and nobody else. */
export class LinkServer {
  readonly path: string;
  readonly #options: LinkServerOptions;
  readonly #server: Server;
  readonly #token: string;
  readonly #strangers = new Set<SocketPort>();
  readonly #endpoints = new Set<LeaderEndpoint>();
  #closing: Promise<void> | null = null;

  private constructor(options: LinkServerOptions, server: Server, path: string, token: string) {
    this.#options = options;
    this.#server = server;
    this.path = path;
    this.#token = token;
    server.on('connection', (socket) => this.#receive(socket));
    server.on('error', (error) =>
      options.onProblem?.(new LedgerError(reasonOfSystemError(error), error.message, { cause: error })),
    );
  }

  /** Throws `lease-lost` when it is not ours to lead, `unavailable` when no socket can be made anywhere. */
  static async start(options: LinkServerOptions): Promise<LinkServer> {
    const { folder, lease } = options;
    const token = options.token ?? randomBytes(32).toString('base64url');
    lease.check();
    const server = createServer();
    const path = await listenSomewhere(server, folder);
    const link = new LinkServer(options, server, path, token);
    try {
      // Others may have been faster while we were opening the socket: then theirs is the word that counts.
      lease.check();
      writePrivateFile(linkFilePath(folder), JSON.stringify({ path, token, epoch: lease.epoch }));
    } catch (error) {
      await link.close();
      throw error;
    }
    return link;
  }

  get followers(): number {
    return this.#endpoints.size;
  }

  broadcast<Name extends keyof EngineEvents>(name: Name, data: EngineEvents[Name]): void {
    for (const endpoint of [...this.#endpoints]) endpoint.tell(name, data);
  }

  /** Ends all connections and takes the word back. Safe to call twice. Release the lease first: followers try at once. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const { folder } = this.#options;
    // Closing the server removes its socket file too.
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const port of this.#strangers) port.fail(new LedgerError('closed', 'the leader ends'));
    for (const endpoint of [...this.#endpoints]) endpoint.close();
    if (readLinkRecord(folder)?.token === this.#token) rmSync(linkFilePath(folder), { force: true });
    await closed;
    if (process.platform === 'win32') return;
    try {
      rmdirSync(dirname(this.path));
    } catch (error) {
      // A successor's socket is in it already, or it has removed it.
      if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errorCode(error))) throw error;
    }
  }

  #receive(socket: Socket): void {
    if (this.#strangers.size >= maxStrangers) {
      socket.destroy();
      this.#refused('too many connections at once');
      return;
    }
    const port = new SocketPort(socket, { maxFrameBytes: untrustedFrameBytes });
    this.#strangers.add(port);
    // One deadline for the whole greeting, however diligently its bytes trickle in.
    const timer = setTimeout(
      () => port.fail(new LedgerError('timeout', 'no greeting came')),
      this.#options.helloMs ?? 2_000,
    );
    let welcome = false;
    port.onClose((error) => {
      clearTimeout(timer);
      this.#strangers.delete(port);
      if (!welcome) this.#refused(error?.message ?? 'it was closed before it greeted');
    });
    port.onMessage((message) => {
      if (!isHello(message) || !sameSecret(message.token, this.#token))
        throw new LedgerError('permission', 'the greeting was wrong');
      clearTimeout(timer);
      this.#strangers.delete(port);
      welcome = true;
      this.#welcome(port, message);
    });
  }

  #welcome(port: SocketPort, { protocolVersion, schemaVersion, windowId }: Hello): void {
    if (protocolVersion !== linkProtocolVersion) {
      const older = protocolVersion < linkProtocolVersion;
      port.post({
        kind: 'refused',
        reason: older ? 'newer-schema' : 'unavailable',
        message: `the leading window runs ${older ? 'a newer' : 'an older'} version of the extension`,
      } satisfies HelloReply);
      port.close();
      return;
    }
    const follower: Follower = { windowId, schemaVersion };
    port.raiseFrameLimit(trustedFrameBytes);
    const endpoint: LeaderEndpoint = new Endpoint(port, this.#options.handlers(follower));
    port.post({
      kind: 'welcome',
      epoch: this.#options.lease.epoch,
      schemaVersion: this.#options.schemaVersion ?? 1,
    } satisfies HelloReply);
    this.#endpoints.add(endpoint);
    endpoint.onClose(() => this.#endpoints.delete(endpoint));
    this.#options.onConnection?.(endpoint, follower);
  }

  #refused(why: string): void {
    this.#options.onProblem?.(new LedgerError('permission', `a connection was turned away: ${why}`));
  }
}

async function listenSomewhere(server: Server, folder: string): Promise<string> {
  if (process.platform === 'win32') {
    const pipe = newPipePath(folder);
    await listen(server, pipe);
    return pipe;
  }
  const failures: unknown[] = [];
  const folders = socketFolders(folder);
  for (const each of folders) removeOldSockets(each);
  for (const each of folders) {
    try {
      const path = newSocketPath(each);
      if (path === null) throw new LedgerError('unavailable', 'the path is too long for a socket');
      makePrivateFolder(each);
      await listen(server, path);
      chmodSync(path, 0o600);
      return path;
    } catch (error) {
      failures.push(error);
    }
  }
  throw new LedgerError('unavailable', 'no socket can be made', { cause: new AggregateError(failures) });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
