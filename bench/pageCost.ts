import type { CDPSession, Page } from 'playwright-core';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** What the thread itself ran of it: what else the machine does is no part of it. */
  readonly tdur?: number;
  readonly args?: {
    readonly data?: { readonly frame?: string };
    readonly beginData?: { readonly frame?: string };
  };
}

interface FrameTree {
  readonly frame: { readonly id: string; readonly url: string };
  readonly childFrames?: readonly FrameTree[];
}

/**
 * What `work` costs on the main thread of a webview's page, in milliseconds: the tasks in which anything of the
 * webview's frames ran, with all else that was in those tasks. So it is rather too much than too little.
 */
export async function mainThreadMs(page: Page, work: () => Promise<void>): Promise<number> {
  const session = await page.context().newCDPSession(page);
  try {
    const frames = await webviewFrames(session);
    const events = await traced(session, work);
    const ours = events.filter(({ args }) => frames.has(args?.data?.frame ?? args?.beginData?.frame ?? ''));
    const threads = new Set(ours.map(({ pid, tid }) => `${pid}/${tid}`));
    const tasks = events.filter(({ name, pid, tid }) => name === 'RunTask' && threads.has(`${pid}/${tid}`));
    const busy = tasks.filter((task) =>
      ours.some(
        ({ pid, tid, ts }) =>
          pid === task.pid && tid === task.tid && ts >= task.ts && ts <= task.ts + (task.dur ?? 0),
      ),
    );
    return busy.reduce((sum, { dur = 0, tdur = dur }) => sum + tdur, 0) / 1_000;
  } finally {
    await session.detach();
  }
}

async function webviewFrames(session: CDPSession): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const walk = ({ frame, childFrames = [] }: FrameTree): void => {
    if (frame.url.includes('/webview/browser/pre/')) found.add(frame.id);
    childFrames.forEach(walk);
  };
  walk((await session.send('Page.getFrameTree')).frameTree);
  return found;
}

async function traced(session: CDPSession, work: () => Promise<void>): Promise<readonly TraceEvent[]> {
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()));
  const includedCategories = ['devtools.timeline', 'disabled-by-default-devtools.timeline'];
  await session.send('Tracing.start', { traceConfig: { includedCategories } });
  await work();
  await session.send('Tracing.end');
  await complete;
  return events;
}
