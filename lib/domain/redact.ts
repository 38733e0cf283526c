/**
 * The only code that removes secrets from what is shown: logs, errors, the failure log, `check`. It works on
 * text because secrets arrive inside URLs, DSNs and the messages of libraries. When in doubt it removes too
 * much. All functions are idempotent, and linear in the length of the text.
 */

/** Removes user info, query and fragment from a URL, where secrets travel. Accepts text that is no URL. */
export function redactUrl(url: string): string {
  const placeEnd = url.search(/[?#]/);
  return redactText(placeEnd < 0 ? url : `${url.slice(0, placeEnd)}?…`);
}

const HOST = String.raw`(?:[\w.-]+|\[[\w.:%]+\])(?::\d{0,5})?`;
/** Matches a DSN with several hosts, which `URL` cannot parse. A password with a comma does not match: an @ follows it. */
const HOSTS = new RegExp(`^(postgres(?:ql)?://(?:[^/?#]*@)?)(${HOST}(?:,${HOST})+)(?=[/?#]|$)`, 'i');

/** Reduces a DSN to `postgres://host:port/database`, without user, password and options. */
export function redactDsn(dsn: string): string {
  const [, before = '', hosts] = HOSTS.exec(dsn) ?? [];
  if (hosts !== undefined) {
    const place = 'several-hosts';
    return redactDsn(before + place + dsn.slice(before.length + hosts.length)).replace(place, hosts);
  }
  const url = URL.parse(dsn.replace('@/', '@localhost/')); // the host may be given by ?host= only
  // If an @ follows the host, then what was parsed as host and port is really user and password.
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || /@/.test(url.pathname + url.search + url.hash))
    return 'postgres://…';
  return `postgres://${url.searchParams.get('host') ?? url.host}${url.pathname}`;
}

/** Redacts every URL in `text`, and every value that follows the name of a secret, as in `password=…`. */
export const redactText = (text: string): string =>
  text
    .replace(HEADER, '$1$2…$2')
    .replace(NAMED_SECRET, '$1$2…$2')
    .replace(AUTHORIZATION, '$1 …')
    .replace(SPACED_DSN, '$1')
    .replace(WORD, word => (word.includes('://') ? redactUrls(word) : word));

/** Matches a value after `NAME=`, `"name": ` or `name => `; the name may end a longer one (`PGPASSWORD`). */
const named = (names: string, value: string): RegExp =>
  new RegExp(`((?:${names})[\\\\"']{0,4}[ \\t]*(?:=>|:=|[=:])[ \\t]*)(?:${QUOTED}|${value})`, 'gi');

/** Up to the closing quote, skipping escaped ones; up to the end if the text was cut off before it. */
const QUOTED = `(\\\\{0,3}["'])[^]*?(?:(?<!\\\\)\\2|$)`;

/** The whole line, since any part may be secret: `Digest username="…", response="…"` or `a=1; b=2`. */
const HEADER = named('authorization|cookie', '[^\\r\\n]+');

const NAMED_SECRET = named(
  'pass(?:word|wd|phrase|code)|pwd|secret|token|(?:api|access|private)[-_ ]?key|credentials?|signature|sess(?:ion)?[-_ ]?id',
  '[^\\t-\\r ]+',
);

const AUTHORIZATION =
  /\b(basic|bearer)[ \t]+(?!(?:auth|authentication|authorization|credentials?|realm|scheme|tokens?)(?![\w+/.~-]))[\w+/.~=-]{6,}/gi;

/** A password with spaces, up to its `@`. Bounded, because there may be no `@`. */
const SPACED_DSN = /(postgres(?:ql)?:\/\/)[^\s:/?#@]{0,100}:(?!\d{0,5}(?:[\s/?#]|$))[^\r\n@]{0,200}@/gi;

const WORD = /[^\t-\r ]+/g;

/** Redacts a word with one or more URLs in it. Everything after the first `?` or `#` is removed. */
function redactUrls(word: string): string {
  const [start = '', ...rests] = word.split('://');
  let [shown, scheme] = [start, start];
  for (const rest of rests) {
    const [place = '', query] = rest
      .slice(userInfoEnd(rest, /postgres(ql)?$/i.test(scheme)))
      .split(/[?#]/, 2);
    shown += `://${isPlainHost(place) ? place : '…'}`;
    if (query !== undefined) return `${shown}?…`;
    scheme = rest;
  }
  return shown;
}

/** Index behind the user info. A password may contain `/`, `?` and `#`, so with one it ends at the last `@`. */
function userInfoEnd(rest: string, isDsn: boolean): number {
  const [authority = ''] = /^[^/?#\\]*/.exec(rest) ?? [];
  const hasPassword = !isPlainHost(authority) && authority.includes(':');
  return 1 + (isDsn || hasPassword ? rest : authority).lastIndexOf('@');
}

/** Whether the part before the path is a host and port, and not a user and password that were cut off. */
function isPlainHost(place: string): boolean {
  const [authority = ''] = /^[^/?#\\]*/.exec(place) ?? [];
  const [host = ''] = /^(?:\[[^\]]*\]|[^:@]*)/.exec(authority) ?? [];
  return /^(?::\d{0,5})?[^\w%…@]*$/.test(authority.slice(host.length));
}
