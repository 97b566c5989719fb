import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { usd } from '../model/cost';
import type { EngineHealth, RunHealth } from '../model/health';
import { totalTokens } from '../model/measures';
import type { Snapshot } from '../model/snapshot';
import { sameSecret } from './sameSecret';

export interface MetricsServerOptions {
  /** On 127.0.0.1; 0 takes any that is free. */
  readonly port: number;
  readonly token: string;
  readonly health: () => EngineHealth;
  readonly snapshot: () => Snapshot;
  /** The same for a program that asks for it, which counts as a question. */
  readonly askSnapshot: () => Snapshot;
  readonly bytesRead: () => number;
  /** Calls the listener after each run until the function that it returns is called. */
  readonly onRun: (listener: (run: RunHealth) => void) => () => void;
}

const durationBuckets = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

/** Figures for programs on this machine that know the token: `/api/stats` as JSON and `/metrics` for Prometheus. */
export class MetricsServer {
  readonly port: number;
  readonly #options: MetricsServerOptions;
  readonly #server: Server;
  readonly #registry: Registry;
  readonly #stopListening: () => void;

  private constructor(options: MetricsServerOptions, server: Server) {
    const address = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : options.port;
    this.#options = options;
    this.#server = server;
    this.#registry = new Registry();
    this.#stopListening = this.#register();
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  /** Rejects with the system's error when the port is not to be had. */
  static start(options: MetricsServerOptions): Promise<MetricsServer> {
    return new Promise((resolve, reject) => {
      const server = createServer({ headersTimeout: 5_000, requestTimeout: 10_000, maxHeaderSize: 8_192 });
      server.maxConnections = 32;
      server.once('error', reject);
      server.listen(options.port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve(new MetricsServer(options, server));
      });
    });
  }

  close(): Promise<void> {
    this.#stopListening();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, type: string, body: string, more: Record<string, string> = {}): void => {
      response.writeHead(status, {
        'Content-Type': type,
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        ...more,
      });
      response.end(body);
    };
    const refuse = (status: number, why: string, more?: Record<string, string>): void =>
      send(status, 'text/plain; charset=utf-8', `${why}\n`, more);
    // A page that has its own name resolve to 127.0.0.1 would pass for a local one in a browser.
    if (!/^(?:127\.0\.0\.1|localhost)(?::\d{1,5})?$/i.test(request.headers.host ?? '')) {
      refuse(403, 'this host is not served');
      return;
    }
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!sameSecret(given, this.#options.token)) {
      refuse(401, 'the token is missing or wrong', { 'WWW-Authenticate': 'Bearer' });
      return;
    }
    if (request.method !== 'GET') {
      refuse(405, 'only GET is served', { Allow: 'GET' });
      return;
    }
    try {
      switch ((request.url ?? '').split('?', 1)[0] ?? '') {
        case '/api/stats':
          send(200, 'application/json', JSON.stringify(this.#options.askSnapshot()));
          return;
        case '/metrics':
          send(200, this.#registry.contentType, await this.#registry.metrics());
          return;
        default:
          refuse(404, 'there is /api/stats and /metrics');
      }
    } catch (error) {
      refuse(500, error instanceof Error ? error.message : String(error));
    }
  }

  #register(): () => void {
    const { health, snapshot, bytesRead, onRun } = this.#options;
    const registers = [this.#registry];
    const count = (name: string, help: string, value: () => number): void => {
      new Counter({
        name: `usage_ledger_${name}`,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(value());
        },
      });
    };
    const gauge = (name: string, help: string, value: () => number): void => {
      new Gauge({
        name: `usage_ledger_${name}`,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    };
    count('cache_hits_total', 'Questions answered from memory.', () => health().cache.hits);
    count('cache_misses_total', 'Questions for which an answer was made.', () => health().cache.misses);
    count('runs_total', 'Looks at the transcripts.', () => health().scan.runs);
    count('run_failures_total', 'Looks that failed.', () => health().scan.failures);
    count('read_bytes_total', 'Bytes read of transcripts.', bytesRead);
    count('checkpoints_total', 'Times that the ledger was saved.', () => health().ledger.checkpoints);
    gauge('files', 'Transcripts seen by the last look.', () => health().scan.filesSeen);
    gauge('bad_lines', 'Lines of transcripts that could not be counted.', () => health().scan.badLines);
    gauge('ledger_bytes', 'Size of the month files.', () => health().ledger.monthBytes);
    gauge('engine_memory_bytes', 'Memory of the engine.', () => health().memoryBytes);
    gauge('watcher_polling', '1: changes are found by polling.', () =>
      health().watcher.mode === 'polling' ? 1 : 0,
    );
    const today = (): Snapshot['periods']['today']['total'] => snapshot().periods.today.total;
    gauge('today_cost_usd', 'Cost of today in US dollars, as far as prices are known.', () =>
      usd(today().costNanoDollars),
    );
    gauge('today_tokens', 'Tokens of today, of all kinds.', () => totalTokens(today()));
    gauge('today_messages', 'Messages of today.', () => today().messages);
    gauge('messages', 'Messages of all time.', () => snapshot().periods.allTime.total.messages);
    const durations = new Histogram({
      name: 'usage_ledger_run_duration_seconds',
      help: 'How long looks at the transcripts took.',
      labelNames: ['scope'],
      buckets: durationBuckets,
      registers,
    });
    return onRun(({ scope, durationMs }) => durations.observe({ scope }, durationMs / 1_000));
  }
}
