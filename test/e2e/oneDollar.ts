/** A response of 40,000 output tokens of Opus 4.8, at $25 a million: exactly one dollar. */
export function oneDollarLine(
  id: string,
  {
    project = '/home/sample/atlas',
    branch = '',
    model = 'claude-opus-4-8',
    session = '00000000-0000-4000-8000-000000000001',
    time = new Date().toISOString(),
  } = {},
): string {
  return `${JSON.stringify({
    type: 'assistant',
    timestamp: time,
    sessionId: session,
    cwd: project,
    gitBranch: branch,
    version: '2.1.220',
    requestId: `req_${id}`,
    uuid: id,
    message: {
      id: `msg_${id}`,
      role: 'assistant',
      model,
      stop_reason: 'end_turn',
      content: [],
      usage: {
        input_tokens: 0,
        output_tokens: 40_000,
        cache_read_input_tokens: 0,
        cache_creation_input_tokens: 0,
      },
    },
  })}\n`;
}

/** A time zone in which it is about noon: no test here should run into midnight. */
export function zoneAtNoon(): string {
  const behindUtcHours = new Date().getUTCHours() - 12;
  // These names count westwards: Etc/GMT+5 is five hours behind.
  return behindUtcHours === 0 ? 'Etc/GMT' : `Etc/GMT${behindUtcHours > 0 ? '+' : ''}${behindUtcHours}`;
}
