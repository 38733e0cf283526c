import { shownChannelUrl } from '../../channels/address/shown-channel-url.ts';
import { channelsToSendTo } from '../../postgres/channels/channels.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';
import { channelsNotFound } from './not-found.ts';
import { sendTests, type Tested } from './send-test.ts';

/** Sends a test message to each channel named, and prints what became of it. */
export const test: Run<'channels test'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    const channels = await channelsToSendTo(database, config.names);
    let failed = 0;
    for await (const tested of sendTests(channels, work)) {
      await screen.print(`${config.json ? JSON.stringify(testedJson(tested)) : line(tested)}\n`);
      if (tested.sent.kind !== 'accepted') failed += 1;
    }
    const found = channels.map(({ name }) => name);
    const notFoundCode = await channelsNotFound(database, config.names, found, screen);
    return failed > 0 ? 1 : notFoundCode;
  });

const testedJson = ({ channel: { name, kind, url }, sent, afterMs }: Tested) => ({
  name,
  kind,
  url: shownChannelUrl(url),
  outcome: sent.kind,
  problem: sent.kind === 'accepted' ? null : sent.problem,
  afterMs,
});

function line({ channel: { name, url }, sent, afterMs }: Tested): string {
  const head = `${sent.kind.padEnd(8)}  ${name}  ${shownChannelUrl(url)}`;
  return sent.kind === 'accepted' ? `${head}  after ${afterMs} ms` : `${head}  ${sent.problem}`;
}
