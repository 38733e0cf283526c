import { shownChannelUrl } from '../../channels/address/shown-channel-url.ts';
import { cleanDetail } from '../../domain/clean-text.ts';
import type { ListedChannel } from '../../postgres/channels/channels.ts';
import { agoText, durationText } from '../text-tables.ts';

/** A channel for programs: never with its secrets. */
export const channelJson = ({ url, failingS: _, lastSentS: __, ...channel }: ListedChannel) => ({
  ...channel,
  url: shownChannelUrl(url),
});

/** `ok`, or what is wrong: `failing for 3 h 2 min`. */
export function stateText({ state, failingS }: ListedChannel): string {
  return state === 'failing' ? `failing for ${agoText(failingS ?? 0)}` : state;
}

export const problemText = ({ problem }: ListedChannel): string => cleanDetail(problem ?? '');

export const labelsText = ({ labels }: ListedChannel): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ') || 'all targets';

export const lengthText = (ms: number): string => durationText(ms / 1_000);
