import { isIP } from 'node:net';
import { channelUrlProblem } from '../channels/address/channel-url.ts';
import { parseSmtpUrl } from '../channels/address/smtp-url.ts';
import { dsnProblem } from '../domain/dsn.ts';
import { nearest, suggestion } from '../domain/nearest.ts';
import { key, typedUrl } from '../targets/target-rules.ts';
import { rule, within } from '../targets/text-rules.ts';

/** Several of them, comma-separated. */
export const listOf = <const Word extends string>(...words: Word[]) =>
  rule(
    text => {
      const wrong = text.split(',').find(part => !words.includes(part.trim() as Word)) ?? '';
      const meant = nearest(wrong.trim(), words);
      return words.length > 5
        ? `must be comma-separated names of causes${suggestion(meant, 'docs/CAUSES.md lists them')}`
        : `must be one or more of ${words.join(', ')}, comma-separated`;
    },
    (text): readonly Word[] | undefined => {
      const found = text.split(',').map(part => words.find(word => word === part.trim()));
      return found.every(word => word !== undefined) ? found : undefined;
    },
  );

export const portOrOff = rule('must be a port from 0 to 65535, or off', text => {
  if (text === 'off') return 'off' as const;
  return /^\d{1,5}$/.test(text) ? within(Number(text), 0, 65_535) : undefined;
});

/** Checks the text only: no file that it names. */
export const postgresUrl = rule(
  text => dsnProblem(text) ?? '',
  text => (dsnProblem(text) === null ? text : undefined),
);

/** Checks the form only. */
export const smtpUrl = rule(
  'must be the URL of a mail server, as in smtp://user:password@mail.example.org:587',
  text => (parseSmtpUrl(text) === null ? undefined : text),
);

/** Days before an expiry, the most first. */
export const daysBefore = rule(
  'must be days from 1 to 365, comma-separated, as in 14,7,3,1, or none',
  text => {
    if (text === 'none') return [];
    const days = text
      .split(',')
      .map(part => (/^ *\d{1,3} *$/.test(part) ? within(Number(part), 1, 365) : undefined));
    if (days.length > 10 || !days.every(day => day !== undefined)) return undefined;
    return [...new Set(days)].sort((one, other) => other - one);
  },
);

/** Where alerts go. */
export const channelUrl = rule(
  text => channelUrlProblem(text) ?? '',
  text => (channelUrlProblem(text) === null ? text : undefined),
);

/** An existing target: by its id, its key, or its URL with any method. */
export type TargetName =
  | { readonly id: string }
  | { readonly key: string }
  /** In its normal form */
  | { readonly url: string };

export const targetName = rule(
  'must be the id, key or URL of a target; targets list shows them',
  (text): TargetName | undefined => {
    if (/^\d+$/.test(text)) return isId(text) ? { id: text } : undefined;
    if (key.safeParse(text).success) return { key: text };
    const { data: url } = typedUrl.safeParse(text);
    return url === undefined ? undefined : { url };
  },
);

export const alertId = rule('must be the number of an alert; alerts list shows them', text =>
  isId(text) ? text : undefined,
);

const ID_MAX = 2n ** 63n - 1n; // a bigint of PostgreSQL

const isId = (digits: string): boolean => /^[1-9]\d{0,18}$/.test(digits) && BigInt(digits) <= ID_MAX;

/** `none`, `all`, and addresses or ranges, comma-separated. */
export const privateTargets = rule(
  'must be none, all, or comma-separated addresses and ranges, as in 10.0.0.0/8,fd00::/8,127.0.0.1',
  text => {
    const words = text.split(',').map(word => word.trim().toLowerCase());
    const ranges = words.filter(word => word !== 'all' && word !== 'none');
    const isLoneNone = !words.includes('none') || words.length === 1;
    return isLoneNone && ranges.every(isRange) ? { all: words.includes('all'), ranges } : undefined;
  },
);

function isRange(text: string): boolean {
  const [, address = '', prefix = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && !address.includes('%') && Number(prefix) <= (family === 4 ? 32 : 128);
}
