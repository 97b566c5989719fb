import type { Port } from '../protocol/endpoint';
import { isPanelEnvelope } from '../protocol/panelApi';

/** The part of a webview that messages need. */
export interface MessageChannel {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/**
 * Gives every page that lives in the webview a port of its own. A page that speaks for the first time ends the port
 * of the page before it, so that late answers go nowhere.
 */
export function servePages(channel: MessageChannel, connect: (port: Port) => void): { close(): void } {
  let current: { page: string; receive: (message: unknown) => void; end: () => void } | null = null;
  channel.onMessage((raw) => {
    if (!isPanelEnvelope(raw)) return;
    if (current?.page !== raw.page) {
      current?.end();
      current = openPort(channel, raw.page, connect);
    }
    current.receive(raw.message);
  });
  return { close: () => current?.end() };
}

function openPort(
  channel: MessageChannel,
  page: string,
  connect: (port: Port) => void,
): { page: string; receive: (message: unknown) => void; end: () => void } {
  let open = true;
  let onMessage: ((message: unknown) => void) | undefined;
  let onClose: ((error?: Error) => void) | undefined;
  connect({
    post: (message) => {
      if (open) channel.post({ page, message });
    },
    onMessage: (listener) => (onMessage = listener),
    onClose: (listener) => (onClose = listener),
    close: () => (open = false),
  });
  return {
    page,
    receive: (message) => {
      if (open) onMessage?.(message);
    },
    end: () => {
      if (!open) return;
      open = false;
      onClose?.();
    },
  };
}
