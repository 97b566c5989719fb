import { connect as connectSocket } from 'node:net';
import { dirname } from 'node:path';
import { LedgerError } from '../model/errors';
import { Endpoint } from '../protocol/endpoint';
import { SocketPort } from '../protocol/socketPort';
import {
  type FollowerEndpoint,
  type Hello,
  isHelloReply,
  linkProtocolVersion,
  trustedFrameBytes,
  untrustedFrameBytes,
} from './linkHello';
import { type LinkRecord, readLinkRecord, requirePrivateFolder } from './linkPlace';

export interface LinkClientOptions {
  /** Absolute folder of the ledger. */
  readonly folder: string;
  readonly windowId: string;
  readonly schemaVersion?: number;
  /** How long a leader may take to answer the greeting; one that is suspended never does. */
  readonly timeoutMs?: number;
}

/** A follower's side of the link. */
export class LinkClient {
  readonly endpoint: FollowerEndpoint;
  /** Of the leader: its leadership's number, and the schema it writes (which may be older than ours). */
  readonly epoch: number;
  readonly leaderSchemaVersion: number;

  private constructor(endpoint: FollowerEndpoint, epoch: number, leaderSchemaVersion: number) {
    this.endpoint = endpoint;
    this.epoch = epoch;
    this.leaderSchemaVersion = leaderSchemaVersion;
  }

  /**
   * Throws `no-leader` when nobody can be reached now, `newer-schema` when the leader is too new to be understood, and
   * `unavailable` when it is too old. Nothing that the leader tells is missed by listeners that are added before the
   * next turn of the event loop.
   */
  static connect(options: LinkClientOptions): Promise<LinkClient> {
    return new Promise((resolve, reject) => {
      const record = findLeader(options.folder);
      const socket = connectSocket(record.path);
      const port = new SocketPort(socket, { maxFrameBytes: untrustedFrameBytes });
      const timer = setTimeout(
        () => port.fail(new LedgerError('timeout', 'the leader does not answer')),
        options.timeoutMs ?? 3_000,
      );
      port.onClose((error) => {
        clearTimeout(timer);
        reject(noLeader(error?.message ?? 'the leader closed the connection', error));
      });
      port.onMessage((reply) => {
        if (!isHelloReply(reply)) throw new LedgerError('invalid', 'the leader did not greet');
        clearTimeout(timer);
        if (reply.kind === 'refused') {
          reject(new LedgerError(reply.reason, reply.message));
          port.close();
          return;
        }
        port.raiseFrameLimit(trustedFrameBytes);
        port.pause();
        const endpoint: FollowerEndpoint = new Endpoint(port, {});
        resolve(new LinkClient(endpoint, reply.epoch, reply.schemaVersion));
        setImmediate(() => port.resume());
      });
      port.post({
        kind: 'hello',
        token: record.token,
        protocolVersion: linkProtocolVersion,
        schemaVersion: options.schemaVersion ?? 1,
        windowId: options.windowId,
      } satisfies Hello);
    });
  }
}

function findLeader(folder: string): LinkRecord {
  let record: LinkRecord | null;
  try {
    record = readLinkRecord(folder);
    // The token must not be told to somebody who made a socket of that name after ours was gone.
    if (record !== null && process.platform !== 'win32') requirePrivateFolder(dirname(record.path));
  } catch (error) {
    throw noLeader('the leader cannot be found', error);
  }
  if (record === null) throw noLeader('nobody leads');
  return record;
}

function noLeader(message: string, cause?: unknown): LedgerError {
  return new LedgerError('no-leader', message, { cause });
}
