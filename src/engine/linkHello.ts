import type { LedgerErrorReason } from '../model/errors';
import type { Endpoint } from '../protocol/endpoint';
import type { EngineCalls, EngineEvents } from '../protocol/engineApi';

/** Grows when calls or events change so that an older side would misread them. */
export const linkProtocolVersion = 1;

/** The first message of a follower, and the only one that is read before it has proved itself. */
export interface Hello {
  readonly kind: 'hello';
  readonly token: string;
  readonly protocolVersion: number;
  readonly schemaVersion: number;
  readonly windowId: string;
}

/** The leader's first message, to those with the right token only. */
export type HelloReply =
  | { readonly kind: 'welcome'; readonly epoch: number; readonly schemaVersion: number }
  | { readonly kind: 'refused'; readonly reason: LedgerErrorReason; readonly message: string };

/** The leader's end: it answers and tells. */
export type LeaderEndpoint = Endpoint<object, object, EngineCalls, EngineEvents>;
/** A follower's end: it calls and listens. */
export type FollowerEndpoint = Endpoint<EngineCalls, EngineEvents>;

/** Before a follower has proved itself, and afterwards. */
export const untrustedFrameBytes = 64 * 1024;
export const trustedFrameBytes = 64 * 1024 * 1024;

export function isHello(value: unknown): value is Hello {
  if (typeof value !== 'object' || value === null) return false;
  const hello = value as Partial<Hello>;
  return (
    hello.kind === 'hello' &&
    typeof hello.token === 'string' &&
    Number.isSafeInteger(hello.protocolVersion) &&
    Number.isSafeInteger(hello.schemaVersion) &&
    typeof hello.windowId === 'string' &&
    /^[\w.-]{1,200}$/.test(hello.windowId)
  );
}

export function isHelloReply(value: unknown): value is HelloReply {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, epoch, schemaVersion, reason, message } = value as Readonly<Record<string, unknown>>;
  if (kind === 'welcome') return typeof epoch === 'number' && typeof schemaVersion === 'number';
  return kind === 'refused' && typeof reason === 'string' && typeof message === 'string';
}
