import { Endpoint, type Port } from '../protocol/endpoint';
import { isPanelEnvelope, type PanelCalls, type PanelEvents, type PanelState } from '../protocol/panelApi';
import { Answers } from './answers';
import { Titles } from './titles';

/** What VS Code gives a webview's script, once. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export type HostEndpoint = Endpoint<PanelCalls, PanelEvents>;

/** The page's line to the extension host, and the little that it keeps over a reload. */
export interface HostLink {
  readonly host: HostEndpoint;
  readonly answers: Answers;
  readonly titles: Titles;
  readState(): PanelState;
  writeState(change: PanelState): void;
}

export function connectHost(): HostLink {
  const api = acquireVsCodeApi();
  let state: PanelState = readable(api.getState());
  const host: HostEndpoint = new Endpoint(portOf(api), {});
  return {
    host,
    answers: new Answers(host),
    titles: new Titles(host),
    readState: () => state,
    writeState: (change) => {
      state = { ...state, ...change };
      api.setState(state);
    },
  };
}

function readable(state: unknown): PanelState {
  return typeof state === 'object' && state !== null ? state : {};
}

function portOf(api: VsCodeApi): Port {
  const page = crypto.randomUUID();
  return {
    post: (message) => api.postMessage({ page, message }),
    onMessage: (listener) =>
      window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (isPanelEnvelope(data) && data.page === page) listener(data.message);
      }),
    // A webview's page ends without a word, and everything in it with it.
    onClose: () => undefined,
    close: () => undefined,
  };
}
