import { cleanText } from '../../domain/clean-text.ts';
import { localZone } from '../../domain/local-zone.ts';
import type { ListedSilence } from '../../postgres/silences/silences.ts';

/** The zone in which times of a silence are shown: the one asked for, its own, or this machine's. */
export const zoneOf = ({ timeZone }: ListedSilence, asked: string | null): string =>
  asked ?? timeZone ?? localZone();

/** `2026-01-31 22:00`: Sweden writes times as ISO 8601 does */
const timeText = (moment: Date, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(moment);

/** `until 2026-01-31 22:00`, or `-` if it is not on. */
export function nowText({ isOn, until }: ListedSilence, timeZone: string): string {
  if (!isOn) return '-';
  return until === null ? 'until it is ended' : `until ${timeText(until, timeZone)}`;
}

/** `2026-01-31 22:00 to 23:30`; with the day of the end if that is another. */
export function nextText({ next, nextUntil }: ListedSilence, timeZone: string): string {
  if (next === null) return '-';
  const starts = timeText(next, timeZone);
  if (nextUntil === null) return `${starts}, until it is ended`;
  const ends = timeText(nextUntil, timeZone);
  return `${starts} to ${ends.slice(0, 10) === starts.slice(0, 10) ? ends.slice(11) : ends}`;
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const LAST = 32; // sorts behind every other day

/** `Mon, Tue at 02:00`, `day 1, 15, last at 02:00`, or `once`. */
export function recursText({ weekdays, monthDays, startTime }: ListedSilence): string {
  if (weekdays !== null) {
    const names = weekdays.length === 7 ? ['daily'] : weekdays.toSorted().map(day => WEEKDAYS[day - 1]);
    return `${names.join(', ')} at ${startTime}`;
  }
  if (monthDays === null) return 'once';
  const days = monthDays.map(day => (day === -1 ? LAST : day)).toSorted((one, other) => one - other);
  return `day ${days.map(day => (day === LAST ? 'last' : day)).join(', ')} at ${startTime}`;
}

const CHARACTERS_MAX = 500;

/** `all`, or labels and keys, as in `team=web [shop]`. */
export function scopeText({ everything, labels, keys }: ListedSilence): string {
  const parts = [
    ...Object.entries(labels).map(([label, value]) => `${label}=${value}`),
    ...keys.map(key => `[${key}]`),
  ];
  return everything ? 'all' : cleanText(parts.join(' '), CHARACTERS_MAX);
}
