import type { AlertKind, Told } from '../../alerting/message.ts';
import { causeName } from './cause-name.ts';
import { durationText } from './duration.ts';
import { safeText } from './safe-text.ts';

/** How one kind of alert speaks of itself. */
interface Words {
  readonly opened: string;
  readonly reminder: string;
  readonly recovered: string;
  /** Completes "was … 12 min"; null if how long says nothing */
  readonly was: string | null;
}

const WORDS: Readonly<Record<AlertKind, Words>> = {
  down: { opened: 'DOWN', reminder: 'STILL DOWN', recovered: 'UP', was: 'down' },
  slow: { opened: 'SLOW', reminder: 'STILL SLOW', recovered: 'FAST AGAIN', was: 'slow' },
  certificate: {
    opened: 'CERTIFICATE EXPIRES SOON',
    reminder: 'CERTIFICATE STILL NOT RENEWED',
    recovered: 'CERTIFICATE RENEWED',
    was: null,
  },
  pattern: {
    opened: 'PATTERN SET ASIDE',
    reminder: 'PATTERN STILL SET ASIDE',
    recovered: 'PATTERN SEARCHED AGAIN',
    was: 'set aside',
  },
  unknown: {
    opened: 'NOT CHECKED',
    reminder: 'STILL NOT CHECKED',
    recovered: 'CHECKED AGAIN',
    was: 'not checked',
  },
  channel: {
    opened: 'CHANNEL FAILS',
    reminder: 'CHANNEL STILL FAILS',
    recovered: 'CHANNEL WORKS AGAIN',
    was: 'failing',
  },
  test: { opened: 'TEST', reminder: 'TEST', recovered: 'TEST OVER', was: null },
};

/** Longest name in a line: the line must still say what happened to it. */
const NAME_CHARACTERS_MAX = 100;

/** Many targets that are unknown for one cause: that is what it is about. */
const isOfMany = ({ kind, target }: Told): boolean => kind === 'unknown' && target === null;

/** A URL without its scheme, which tells nobody anything and which chats would turn into a link. */
const nameOf = (told: Told): string => (isOfMany(told) ? `(${causeName(told.cause)})` : shownTitle(told));

const shownTitle = ({ title }: Told): string =>
  safeText(title.replace(/^https?:\/\/(.+?)\/?$/i, '$1'), NAME_CHARACTERS_MAX) || 'a target without a name';

/** Says all about one alert in one line: `DOWN shop.example.org: connection refused`. */
export function headline(told: Told, atMs: number): string {
  const words = WORDS[told.kind];
  const name = nameOf(told);
  const lasted = durationText((told.untilMs ?? atMs) - told.sinceMs);
  switch (told.news) {
    case 'opened':
      return `${words.opened} ${name}: ${reasonOf(told)}`;
    case 'reminder':
      return `${words.reminder} ${name} for ${lasted}: ${reasonOf(told)}`;
    case 'acknowledged':
      return `ACKNOWLEDGED ${name}${by(told)}${words.was === null ? '' : `: ${words.was} for ${lasted}`}`;
    case 'resolved':
      return resolved(told, words, name, lasted);
  }
}

function resolved({ kind, ending }: Told, words: Words, name: string, lasted: string): string {
  const isStopped = ending === 'paused' || ending === 'deleted';
  const after = [
    ...(words.was === null ? [] : [`was ${words.was} ${lasted}`]),
    ...(isStopped ? [kind === 'channel' ? 'no longer used' : 'no longer checked'] : []),
  ].join(', ');
  const what = isStopped ? ending.toUpperCase() : words.recovered;
  return after === '' ? `${what} ${name}` : `${what} ${name}: ${after}`;
}

const by = ({ acknowledgedBy }: Told): string =>
  acknowledgedBy === null ? '' : ` by ${safeText(acknowledgedBy, 60)}`;

/** Of a check its cause. Conditions explain themselves better by their detail, which holds figures. */
function reasonOf(told: Told): string {
  const { kind, cause, detail, check } = told;
  const isInDetail = (kind !== 'down' && kind !== 'unknown') || isOfMany(told);
  if (isInDetail && detail !== null) return safeText(detail, 160);
  return causeName(cause, check?.httpStatus);
}
