import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { LedgerError } from '../../src/model/errors';
import { message, writeTranscript } from '../engine/engineFixture';
import { TestFolder, text } from '../sources/claude/transcriptFixtures';
import { readLedger, remains, type LedgerContent } from './remains';
import { Randomness } from './randomness';
import { openWindow, WindowProcess } from './windows';

export interface ChaosOptions {
  readonly seconds: number;
  readonly windows: number;
  readonly seed: number;
  /** Suspensions are longer than a lease, so that few fit into a short run. */
  readonly suspendMs: readonly [number, number];
  readonly pauseBetweenKillsMs: readonly [number, number];
  readonly pauseBetweenSuspensionsMs: readonly [number, number];
  /** Called with the ledger's folder about once every few seconds, to do harm that is not the windows' own. */
  /** The share of kills and suspensions that are aimed at the leader; too many, and nobody leads most of the time. */
  readonly aimedAtLeader: number;
  readonly sabotage?: (storage: string) => string | null;
  readonly log?: (line: string) => void;
}

export interface ChaosResult {
  readonly seed: number;
  readonly seconds: number;
  readonly opened: number;
  readonly closed: number;
  readonly killed: number;
  readonly killedLeaders: number;
  readonly suspended: number;
  readonly suspendedLeaders: number;
  readonly sabotaged: number;
  readonly takeovers: number;
  readonly takeoverMs: Readonly<Record<LeaderEnd, readonly number[]>>;
  readonly recorded: number;
  readonly acknowledged: number;
  readonly acknowledgedByJournal: number;
  readonly recordedTwice: number;
  /** Questions that failed because nobody led for too long. */
  readonly unanswered: number;
  readonly transcriptMessages: number;
  readonly ledgerMessages: number;
  /** What must not be. */
  readonly lost: readonly string[];
  readonly wrong: readonly string[];
  readonly differences: readonly string[];
  readonly remains: readonly string[];
  readonly failures: readonly string[];
}

/** How a leader came to its end; `other`: nobody had done anything to it. */
export type LeaderEnd = 'closed' | 'killed' | 'suspended' | 'other';

/** One writer's numbers: `<name>-0` to `<name>-<recorded - 1>` may be in the ledger, those below `acknowledged` must. */
interface Account {
  readonly name: string;
  recorded: number;
  acknowledged: number;
}

/** Windows that open, record, flush, are suspended, killed and closed at random, while transcripts grow. */
export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const folder = new TestFolder();
  try {
    return await new Chaos(options, folder).run();
  } finally {
    folder.remove();
  }
}

class Chaos {
  readonly #options: ChaosOptions;
  readonly #folder: TestFolder;
  readonly #random: Randomness;
  readonly #alive = new Set<WindowProcess>();
  readonly #suspended = new Set<WindowProcess>();
  readonly #accounts: Account[] = [];
  readonly #takeoverMs: Record<LeaderEnd, number[]> = { closed: [], killed: [], suspended: [], other: [] };
  readonly #failures: string[] = [];
  #leader: WindowProcess | null = null;
  #leaderEnd: { readonly how: LeaderEnd; readonly epochMs: number } | null = null;
  #over = false;
  readonly #began = Date.now();
  #opened = 0;
  #closed = 0;
  #killed = 0;
  #killedLeaders = 0;
  #suspensions = 0;
  #suspendedLeaders = 0;
  #sabotaged = 0;
  #recordedTwice = 0;
  #unanswered = 0;
  #journalAcknowledged = 0;
  #transcriptMessages = 0;

  constructor(options: ChaosOptions, folder: TestFolder) {
    this.#options = options;
    this.#folder = folder;
    this.#random = new Randomness(options.seed);
  }

  get #storage(): string {
    return this.#folder.at('global', 'storage');
  }

  get #order(): ConstructorParameters<typeof WindowProcess>[1] {
    return {
      storage: this.#storage,
      temporary: this.#folder.at(),
      root: this.#folder.at('claude'),
      settings: { minIntervalMs: 2_000, maxIntervalMs: 10_000 },
    };
  }

  get #takeovers(): number {
    return Object.values(this.#takeoverMs).flat().length;
  }

  async run(): Promise<ChaosResult> {
    const { seconds, windows } = this.#options;
    const jobs = [
      ...Array.from({ length: windows }, (_, slot) => this.#keepWindow(slot)),
      this.#every([50, 250], () => this.#appendTranscript()),
      this.#every(this.#options.pauseBetweenKillsMs, () => this.#killOne()),
      this.#every(this.#options.pauseBetweenSuspensionsMs, () => this.#suspendOne()),
      this.#every([2_000, 4_000], () => this.#sabotage()),
    ];
    await pause(seconds * 1_000);
    // On a busy machine a short run may end before anybody has taken over.
    const latest = Date.now() + 30_000;
    while (this.#takeovers === 0 && Date.now() < latest) await pause(100);
    this.#over = true;
    await Promise.all(jobs);
    await this.#settle();
    return this.#result(await readLedger(this.#storage));
  }

  #isOver(): boolean {
    return this.#over;
  }

  async #every(between: readonly [number, number], act: () => Promise<void> | void): Promise<void> {
    while (!this.#over) {
      await pause(this.#random.between(between));
      if (!this.#isOver()) await act();
    }
  }

  /** One place on the screen: a window is opened there, works until it ends, and is followed by the next. */
  async #keepWindow(slot: number): Promise<void> {
    await pause(this.#random.between([0, 1_500]));
    for (let generation = 0; !this.#over; generation++) {
      const account: Account = { name: `w${slot}g${generation}`, recorded: 0, acknowledged: 0 };
      const before = this.#accounts.findLast(({ name }) => name.startsWith(`w${slot}g`));
      this.#accounts.push(account);
      let opened: WindowProcess | null = null;
      try {
        opened = await this.#open(account.name);
        if (before !== undefined) await this.#recordAgain(opened, before);
        await this.#work(opened, account);
        await this.#close(opened);
      } catch (error) {
        // Killed, most likely by us; anything else is a fault.
        if (!LedgerError.is(error, 'crashed')) this.#fail(account.name, error);
        opened?.resume();
        await opened?.kill();
      } finally {
        if (opened !== null) this.#alive.delete(opened);
      }
    }
  }

  async #open(name: string): Promise<WindowProcess> {
    const opened: WindowProcess = new WindowProcess(name, this.#order, (what, epochMs) => {
      if (what === 'leads') this.#leads(opened, epochMs);
      else this.#hasLease(opened);
    });
    this.#opened++;
    this.#alive.add(opened);
    await Promise.race([opened.ready, opened.ended]);
    await opened.ask('start', null);
    return opened;
  }

  async #work(worker: WindowProcess, account: Account): Promise<void> {
    const random = this.#random;
    while (!this.#over) {
      const dice = random.next();
      if (dice < 0.6) {
        const from = account.recorded;
        account.recorded += 1 + random.below(30);
        await worker.ask('record', { name: account.name, from, to: account.recorded });
      } else if (dice < 0.8) await this.#flush(worker, account, random.next() < 0.5);
      else if (dice < 0.85) await this.#look(worker);
      else if (dice < 0.86) return;
      await pause(random.between([5, 200]));
    }
  }

  async #flush(worker: WindowProcess, account: Account, save: boolean): Promise<void> {
    const upTo = account.recorded;
    const began = Date.now();
    const { durable } = await worker.ask('flush', { save });
    if (durable === 'journal') {
      this.#journalAcknowledged += upTo - account.acknowledged;
      this.#log(`${worker.name} flushed to its journal alone, after ${Date.now() - began} ms`);
    }
    account.acknowledged = Math.max(account.acknowledged, upTo);
  }

  /** While leaders fall faster than others take over, a question may remain without an answer, which is said. */
  async #look(worker: WindowProcess): Promise<void> {
    try {
      await worker.ask('snapshot', null);
    } catch (error) {
      if (!LedgerError.is(error, 'no-leader')) throw error;
      this.#unanswered++;
    }
  }

  /** As a client does that got no answer: the same entries once more, from another window. */
  async #recordAgain(worker: WindowProcess, before: Account): Promise<void> {
    if (this.#random.next() < 0.5) return;
    const from = Math.max(0, before.recorded - 20);
    this.#recordedTwice += before.recorded - from;
    await worker.ask('record', { name: before.name, from, to: before.recorded });
  }

  async #close(closing: WindowProcess): Promise<void> {
    if (closing === this.#leader) this.#leaderEnds('closed');
    await closing.close();
    this.#closed++;
  }

  #appendTranscript(): void {
    const number = this.#transcriptMessages++;
    const path = this.#folder.at('claude', 'projects', '-work-app', `t${number % 7}.jsonl`);
    if (number < 7) writeTranscript(this.#folder.at('claude'), `t${number}`);
    appendFileSync(path, text(message(`t${number}`, { minute: number, output: number })));
  }

  /** The leader has the most to lose. */
  #victim(): WindowProcess | undefined {
    const candidates = [...this.#alive].filter((each) => !this.#suspended.has(each) && !each.over);
    const aimed = this.#random.next() < this.#options.aimedAtLeader;
    if (aimed && this.#leader !== null && candidates.includes(this.#leader)) return this.#leader;
    return candidates[this.#random.below(candidates.length)];
  }

  async #killOne(): Promise<void> {
    const victim = this.#victim();
    if (victim === undefined) return;
    this.#killed++;
    if (victim === this.#leader) {
      this.#killedLeaders++;
      this.#leaderEnds('killed');
    }
    this.#log(`${victim.name} is killed`);
    await victim.kill();
  }

  #suspendOne(): void {
    const victim = this.#victim();
    if (victim === undefined || this.#suspended.size >= this.#options.windows / 3) return;
    this.#suspensions++;
    if (victim === this.#leader) {
      this.#suspendedLeaders++;
      this.#leaderEnds('suspended');
    }
    this.#log(`${victim.name} is suspended`);
    this.#suspended.add(victim);
    victim.suspend();
    void pause(this.#random.between(this.#options.suspendMs)).then(() => {
      this.#log(`${victim.name} goes on`);
      this.#suspended.delete(victim);
      victim.resume();
    });
  }

  #sabotage(): void {
    const done = this.#options.sabotage?.(this.#storage) ?? null;
    if (done === null) return;
    this.#sabotaged++;
    this.#log(done);
  }

  #leaderEnds(how: LeaderEnd): void {
    this.#leaderEnd ??= { how, epochMs: Date.now() };
  }

  /** What happens to it from now on happens to a leader, though it has not begun yet. */
  #hasLease(holder: WindowProcess): void {
    this.#log(`${holder.name} has the lease`);
  }

  #leads(leader: WindowProcess, epochMs: number): void {
    const end = this.#leaderEnd;
    if (this.#leader !== null)
      this.#takeoverMs[end?.how ?? 'other'].push(end === null ? 0 : epochMs - end.epochMs);
    this.#log(
      `${leader.name} leads, ${end === null ? '' : `${epochMs - end.epochMs} ms after its predecessor was ${end.how}`}`,
    );
    this.#leader = leader;
    this.#leaderEnd = null;
  }

  /** Everything has been closed: one more window brings in what those that were killed have left. */
  async #settle(): Promise<void> {
    const last = await openWindow('last', this.#order);
    await last.ask('refresh', null);
    // Whatever it records makes its flush reach the ledger.
    const account: Account = { name: 'last', recorded: 1, acknowledged: 1 };
    this.#accounts.push(account);
    await last.ask('record', { name: 'last', from: 0, to: 1 });
    const { durable } = await last.ask('flush', { save: true });
    if (durable !== 'ledger') this.#fail('last', new Error('the last flush did not reach the ledger'));
    await last.close();
  }

  #log(line: string): void {
    this.#options.log?.(`${((Date.now() - this.#began) / 1_000).toFixed(1)} s: ${line}`);
  }

  #fail(name: string, error: unknown): void {
    this.#failures.push(`${name}: ${String(error)}`);
    this.#log(`${name} failed: ${String(error)}`);
  }

  #result({ messages, differences }: LedgerContent): ChaosResult {
    const lost: string[] = [];
    const wrong: string[] = [];
    const expected = new Set<string>();
    const check = (id: string, tokens: number, mustBeThere: boolean, found: number | undefined): void => {
      expected.add(id);
      if (found === undefined) {
        if (mustBeThere) lost.push(id);
      } else if (found !== tokens) wrong.push(`${id}: ${found} instead of ${tokens} tokens`);
    };
    for (const { name, recorded, acknowledged } of this.#accounts)
      for (let number = 0; number < recorded; number++) {
        const id = `api:${name}-${number}`;
        check(id, number, number < acknowledged, messages.get(id)?.inputTokens);
      }
    for (let number = 0; number < this.#transcriptMessages; number++) {
      const id = `msg_t${number}`;
      check(id, number, true, messages.get(id)?.outputTokens);
    }
    for (const id of messages.keys()) if (!expected.has(id)) wrong.push(`${id}: nobody has recorded it`);
    return {
      seed: this.#options.seed,
      seconds: this.#options.seconds,
      opened: this.#opened,
      closed: this.#closed,
      killed: this.#killed,
      killedLeaders: this.#killedLeaders,
      suspended: this.#suspensions,
      suspendedLeaders: this.#suspendedLeaders,
      sabotaged: this.#sabotaged,
      takeovers: this.#takeovers,
      takeoverMs: this.#takeoverMs,
      recorded: this.#accounts.reduce((sum, { recorded }) => sum + recorded, 0),
      acknowledged: this.#accounts.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      acknowledgedByJournal: this.#journalAcknowledged,
      recordedTwice: this.#recordedTwice,
      unanswered: this.#unanswered,
      transcriptMessages: this.#transcriptMessages,
      ledgerMessages: messages.size,
      lost,
      wrong,
      differences,
      remains: remains(this.#storage, this.#folder.at()),
      failures: this.#failures,
    };
  }
}
