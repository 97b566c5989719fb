import { LedgerError } from '../model/errors';
import type { MessageRow, UsageFilter } from '../model/query';
import type { EngineClient } from './engineClient';

/** Where messages come from, a chunk at a time; an empty chunk is the end. */
export interface MessageSource {
  next(): Promise<readonly MessageRow[]>;
  close(): Promise<void>;
}

/** Opens a stream in the engine that leads; whoever opens it closes it. The next chunk is read only when asked for. */
export async function openMessageSource(
  client: Pick<EngineClient, 'call'>,
  filter: UsageFilter,
): Promise<MessageSource> {
  const { stream } = await client.call('openMessages', filter);
  return {
    next: () => client.call('nextMessages', { stream }),
    close: async () => {
      try {
        await client.call('closeMessages', { stream });
      } catch (error) {
        // An engine that has ended has closed its streams too.
        if (!LedgerError.is(error, 'crashed') && !LedgerError.is(error, 'closed')) throw error;
      }
    },
  };
}

/** The same as a loop: leaving it, in whatever way, closes the stream. */
export async function* readMessages(
  client: Pick<EngineClient, 'call'>,
  filter: UsageFilter,
): AsyncGenerator<readonly MessageRow[], void, undefined> {
  const source = await openMessageSource(client, filter);
  try {
    for (let rows = await source.next(); rows.length > 0; rows = await source.next()) yield rows;
  } finally {
    await source.close();
  }
}
