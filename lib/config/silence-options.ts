import { z } from 'zod';
import { key } from '../targets/target-rules.ts';
import { printable, rule, within, yesOrNo } from '../targets/text-rules.ts';
import { commandFields } from './command-options.ts';
import { about, abouts, ofOneTarget as byFlagOnly, optional, setting } from './setting.ts';
import { type Combination, together } from './together.ts';

const MOMENT = /^(\d{4}-\d\d-\d\d)[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(Z|[+-]\d\d:\d\d)?$/;

const isDay = (text: string): boolean => {
  const day = new Date(`${text}T00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};

/** The database turns it into a moment, by the rules that it has for the times of silences. */
const moment = rule('must be a time, as in "2026-01-31 22:00", or 2026-01-31T22:00Z', text =>
  isDay(MOMENT.exec(text)?.[1] ?? '') ? text : undefined,
);

/** As PostgreSQL reads it: a day is not always 24 hours. */
const lasting = rule('must be a duration from 1m to 30d, as in 45m, 2h or 1d', text => {
  const [, amount, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const minutes = Number(amount) * { m: 1, h: 60, d: 1_440 }[unit as 'm' | 'h' | 'd'];
  return within(minutes, 1, 30 * 1_440) === undefined ? undefined : `${amount} ${unit}`;
});

const timeOfDay = rule('must be a time of day, as in 02:00', text =>
  /^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? text : undefined,
);

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

const listOfNumbers = (says: string, read: (word: string) => number) =>
  rule(says, (text): readonly number[] | undefined => {
    const numbers = text.split(',').map(word => read(word.trim().toLowerCase()));
    return numbers.every(number => number !== 0) ? [...new Set(numbers)] : undefined;
  });

const weekdays = listOfNumbers(
  `must be days of the week, comma-separated, as in ${WEEKDAYS.join(',')}`,
  word => WEEKDAYS.indexOf(word) + 1,
);

const monthDays = listOfNumbers(
  'must be days of the month, comma-separated, from 1 to 31, or -1 for the last',
  word => (/^(-1|[1-9]|[12]\d|3[01])$/.test(word) ? Number(word) : 0),
);

/** PostgreSQL takes abbreviations and offsets, too, which know no daylight saving time. */
const timeZone = rule('must be an IANA time zone, as in Europe/Berlin', text => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return /\/|^UTC$/i.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
});

/** Which targets a silence covers, and when it is on. */
const fields = {
  keys: z
    .array(key)
    .default([])
    .register(
      abouts,
      about('--key', '–', 'targets with this key, too; repeatable', { ...byFlagOnly, isRepeatable: true }),
    ),
  everything: setting('--everything', yesOrNo, 'false', 'all targets', { ...byFlagOnly, isSwitch: true }),
  from: optional('--from', moment, 'now', 'when it starts, as in "2026-01-31 22:00"', byFlagOnly),
  until: optional(
    '--until',
    moment,
    'until it is ended',
    'when it ends; with --weekly or --monthly, when it stops recurring',
    byFlagOnly,
  ),
  lasting: optional('--for', lasting, '–', 'how long it lasts, as in 45m, 2h or 1d', byFlagOnly),
  weekdays: optional(
    '--weekly',
    weekdays,
    '–',
    'recurs on these days of the week, as in mon,tue',
    byFlagOnly,
  ),
  monthDays: optional(
    '--monthly',
    monthDays,
    '–',
    'recurs on these days of the month, as in 1,15; -1 is the last',
    byFlagOnly,
  ),
  at: optional(
    '--at',
    timeOfDay,
    '–',
    'the time of day at which a recurring one starts, as in 02:00',
    byFlagOnly,
  ),
};

/** The zone of times that are given or shown. */
const zoneField = {
  timeZone: optional(
    '--time-zone',
    timeZone,
    "this machine's",
    'IANA time zone of the times, as in Europe/Berlin',
    byFlagOnly,
  ),
};

export const silenceFields = { ...fields, ...zoneField };

const { withLabels } = commandFields;
const schema = z.object({ names: z.array(printable(200)), withLabels, ...silenceFields });

type Said = z.output<typeof schema>;

const recurs = ({ weekdays, monthDays }: Said): boolean => weekdays !== null || monthDays !== null;

const combinations: readonly Combination<Said>[] = [
  {
    keys: ['withLabels', 'keys', 'everything'],
    says: 'say which targets it covers: --label, --key, or --everything without them',
    holds: ({ withLabels: labels, keys, everything }) =>
      everything === (Object.keys(labels).length === 0 && keys.length === 0),
  },
  {
    keys: ['monthDays', 'weekdays'],
    says: 'cannot be combined with --weekly',
    holds: ({ weekdays, monthDays }) => weekdays === null || monthDays === null,
  },
  {
    keys: ['at', 'lasting', 'weekdays', 'monthDays'],
    says: 'needed with --weekly and --monthly, like --for, and only with them',
    holds: said => (recurs(said) ? said.at !== null && said.lasting !== null : said.at === null),
  },
  {
    keys: ['lasting', 'until', 'weekdays', 'monthDays'],
    says: 'cannot be combined with --until, unless it recurs',
    holds: said => recurs(said) || said.lasting === null || said.until === null,
  },
];

/** A silence as the command line describes it. Its name is the command's word. */
export const silenceSchema = together(schema, combinations);
