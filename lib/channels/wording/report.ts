import type { Message, Told } from '../../alerting/message.ts';
import { type Fact, factsOf } from './facts.ts';
import { groupTitle } from './group-title.ts';
import { headline } from './headline.ts';
import { unnamed } from './unnamed.ts';

/** How a message looks: its colour, its sign, how loud a phone gets. */
export type Mood = 'bad' | 'warning' | 'good' | 'neutral';

/** One alert of several. */
export interface Item {
  readonly mood: Mood;
  readonly text: string;
  readonly link: string | null;
}

/**
 * What a message says, in plain text and without the markup of any receiver. All texts are one line each, without
 * control characters and characters that hide others. A kind of channel only lays them out and escapes them.
 */
export interface Report {
  readonly mood: Mood;
  /** Says all in one line, for a lock screen; at most 300 characters */
  readonly title: string;
  /** What is known, if the message is about one alert; else empty */
  readonly facts: readonly Fact[];
  /** One line each, if it is about several; else empty */
  readonly items: readonly Item[];
  /** What to know besides, in sentences: how many are not named, that our own network may be at fault */
  readonly notes: readonly string[];
  /** Where to see more; null if we have no pages */
  readonly link: string | null;
}

const OWN_NETWORK =
  'Held back at first: this worker lost most of its websites at once, so its own network may be at fault.';

/** Tells a message in the words that all receivers share. */
export function reportOf(message: Message, itemsMax = message.told.length): Report {
  const { told, publicUrl, atMs } = message;
  const [first] = told;
  const isOne = told.length === 1 && message.counts.reduce((sum, { count }) => sum + count, 0) <= 1;
  const more = isOne ? null : unnamed(message, itemsMax);
  const notes = [
    ...(more === null ? [] : [more]),
    ...(told.some(one => one.mayBeOurNetwork) ? [OWN_NETWORK] : []),
  ];
  if (isOne)
    return {
      mood: moodOf(first),
      title: headline(first, atMs),
      facts: factsOf(first, message),
      items: [],
      notes,
      link: linkTo(first, publicUrl),
    };
  return {
    mood: worst(told.map(moodOf)),
    title: groupTitle(message),
    facts: [],
    items: told.slice(0, itemsMax).map(one => ({
      mood: moodOf(one),
      text: headline(one, atMs),
      link: linkTo(one, publicUrl),
    })),
    notes,
    link: publicUrl === null ? null : `${publicUrl}/alerts`,
  };
}

function moodOf({ news, kind, ending }: Told): Mood {
  if (news === 'acknowledged' || kind === 'test') return 'neutral';
  if (news === 'resolved') return ending === 'recovered' || ending === null ? 'good' : 'neutral';
  return kind === 'down' ? 'bad' : 'warning';
}

const worst = (moods: readonly Mood[]): Mood =>
  (['bad', 'warning', 'neutral'] as const).find(mood => moods.includes(mood)) ?? 'good';

const linkTo = ({ alertId }: Told, publicUrl: string | null): string | null =>
  publicUrl === null ? null : `${publicUrl}/alerts/${encodeURIComponent(alertId)}`;
