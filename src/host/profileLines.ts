import type { PatternShare } from '../model/patterns';
import type { UserProfile } from '../model/profile';
import { exactDollars } from './exportTables';

/** One profile as one line of JSON; names and units are those of the message export. */
export function profileLine(profile: UserProfile): string {
  const { total } = profile;
  return JSON.stringify({
    user: profile.user,
    first_seen: new Date(profile.firstSeenEpochMs).toISOString(),
    last_seen: new Date(profile.lastSeenEpochMs).toISOString(),
    active_days: profile.activeDays,
    messages: total.messages,
    unpriced_messages: total.unpricedMessages,
    input_tokens: total.inputTokens,
    output_tokens: total.outputTokens,
    cache_read_tokens: total.cacheReadTokens,
    cache_write_5m_tokens: total.cacheWrite5mTokens,
    cache_write_1h_tokens: total.cacheWrite1hTokens,
    web_searches: total.webSearches,
    cost_usd: exactDollars(total.costNanoDollars),
    cost_nano_usd: total.costNanoDollars,
    favourite_models: profile.favouriteModels.map(shareOf),
    favourite_projects: profile.favouriteProjects.map(shareOf),
    messages_by_hour: profile.messagesByHour,
    limits: profile.limits.map(({ limit, from, to, spentNanoDollars, reached }) => ({
      period: limit.period,
      ...(limit.project === undefined ? {} : { project: limit.project }),
      soft_usd: limit.softNanoDollars === null ? null : exactDollars(limit.softNanoDollars),
      hard_usd: exactDollars(limit.hardNanoDollars),
      from,
      to,
      spent_usd: exactDollars(spentNanoDollars),
      reached,
    })),
  });
}

function shareOf({ name, messages, tokens, costNanoDollars, share }: PatternShare) {
  return { name, messages, tokens, cost_usd: exactDollars(costNanoDollars), share };
}
