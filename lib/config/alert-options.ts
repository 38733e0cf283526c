import { z } from 'zod';
import { key as name } from '../targets/target-rules.ts';
import { duration, printable, rule, yesOrNo } from '../targets/text-rules.ts';
import { commandFields } from './command-options.ts';
import { channelUrl } from './rules.ts';
import { about, abouts, ofOneTarget as byFlagOnly, optional, setting } from './setting.ts';
import { silenceFields } from './silence-options.ts';
import { together } from './together.ts';

const DAY_MS = 86_400_000;

/** Stands for a text on standard input, which nobody else on the machine can see. */
export const FROM_INPUT = '-';

/** Either a word, or what a rule reads, which explains both. */
const wordOr = <const Word extends string, T>(word: Word, schema: z.ZodType<T, string>) =>
  rule(
    text => schema.safeParse(text).error?.issues[0]?.message ?? '',
    (text): Word | T | undefined => (text === word ? word : schema.safeParse(text).data),
  );

const isSwitch = { ...byFlagOnly, isSwitch: true };

/** What is said of one channel; null where it is not. */
export const channelFields = {
  secrets: z
    .array(printable(1_000))
    .transform((texts): readonly string[] => (texts.length === 1 && texts[0] === 'none' ? [] : texts))
    .nullable()
    .default(null)
    .register(
      abouts,
      about(
        '--secret',
        '–',
        "key that signs webhooks, or the receiver's token; others can see command lines, so give a reference, as in `${env:WEBSITE_MONITOR_SECRET_OPS}`, or - to read it from standard input; repeatable, the newest first; `none` removes it",
        { ...byFlagOnly, isRepeatable: true },
      ),
    ),
  delayMs: optional(
    '--delay',
    duration(0, 7 * DAY_MS, 'from 0 to 7d'),
    '0',
    'how long an alert is open and unacknowledged before it goes here, as in 10m',
    byFlagOnly,
  ),
  reminderMs: optional(
    '--reminder',
    wordOr('none', duration(60_000, 30 * DAY_MS, 'from 1m to 30d, or none')),
    'none',
    'from one reminder of an open, unacknowledged alert to the next, as in 4h',
    byFlagOnly,
  ),
  sendsResolved: optional(
    '--resolved',
    yesOrNo,
    'true',
    'also send when an alert is over; `--no-resolved` turns this off',
    isSwitch,
  ),
};

/** Taken by commands about alerts. */
export const alertFields = {
  closedToo: setting('--all', yesOrNo, 'false', 'also alerts that are over', isSwitch),
  acknowledgedBy: optional(
    '--by',
    printable(200),
    'your user name',
    'who acknowledges, as messages name them',
    byFlagOnly,
  ),
  testChannels: setting(
    '--test-channels',
    yesOrNo,
    'false',
    'send a test message to every enabled channel',
    isSwitch,
  ),
};

const urlOrInput = wordOr(FROM_INPUT, channelUrl);

/** How many words there are is judged elsewhere, for all commands alike. */
const nameAndUrl = z
  .array(z.string())
  .transform(([ofName = 'a', url = null]) => [ofName, url] as const)
  .pipe(z.tuple([name, urlOrInput.nullable()]));

const { withLabels } = commandFields;
const { everything, timeZone } = silenceFields;

export const channelFlags = { withLabels, everything, timeZone, ...channelFields };

/** A channel to add or to edit, and all that is said about it. */
export const channelSchema = together(z.object({ nameAndUrl, ...channelFlags }), [
  {
    keys: ['everything', 'withLabels'],
    says: 'cannot be combined with --label',
    holds: ({ everything: all, withLabels: labels }) => !all || Object.keys(labels).length === 0,
  },
]).transform(({ nameAndUrl: [ofName, url], withLabels: labels, everything: all, ...rest }) => ({
  name: ofName,
  /** Null where nothing is said */
  draft: { ...rest, url, labels: all || Object.keys(labels).length > 0 ? labels : null },
}));
