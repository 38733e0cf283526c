import { randomUUID } from 'node:crypto';
import { CHANNEL_KINDS, type Channel } from '../alerting/channel.ts';
import type { Message, Told } from '../alerting/message.ts';

interface Tested extends Pick<Channel, 'name' | 'kind'> {
  readonly timeZone: string;
}

/** The messages that test a channel. People get one. Programs keep what is open, so they get its end, too. */
export function testMessages(channel: Tested, atMs: number): readonly Message[] {
  const opened: Told = {
    news: 'opened',
    isWhole: false,
    alertId: `test-${randomUUID()}`,
    kind: 'test',
    target: null,
    title: channel.name,
    cause: 'test',
    detail: 'messages from website-monitor arrive here',
    sinceMs: atMs,
    untilMs: null,
    ending: null,
    incidents: 1,
    lastGoodAtMs: null,
    check: null,
    mayBeOurNetwork: false,
    acknowledgedBy: null,
  };
  const resolved: Told = { ...opened, news: 'resolved', untilMs: atMs, ending: 'recovered' };
  const all = CHANNEL_KINDS[channel.kind].isGrouped ? [opened] : [opened, resolved];
  return all.map(told => ({
    id: randomUUID(),
    atMs,
    channel: channel.name,
    timeZone: channel.timeZone,
    publicUrl: null, // no page shows a test
    told: [told],
    counts: [{ news: told.news, kind: 'test', cause: told.cause, ending: told.ending, count: 1 }],
  }));
}
