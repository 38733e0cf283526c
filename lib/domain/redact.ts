/**
 * The one place that takes secrets out of what is shown: logs, errors, the failure log, `check`. It
 * works on texts, since that is how secrets get there: within a url, a DSN or a library's message. In
 * doubt it takes too much. Twice does what once does, and the time is linear in the text's length.
 */

/** A url without user info, query and fragment, for that is where secrets travel. Also of what is no url. */
export function redactUrl(url: string): string {
  const placeEnd = url.search(/[?#]/);
  return redactText(placeEnd < 0 ? url : `${url.slice(0, placeEnd)}?…`);
}

/** `postgres://host:port/database` of a DSN: enough to tell servers apart, without user, password or options. */
export function redactDsn(dsn: string): string {
  const url = URL.parse(dsn.replace('@/', '@localhost/')); // the host may stand in ?host= alone
  // With an @ behind its host, what was read as host and port is the beginning of user and password.
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || /@/.test(url.pathname + url.search + url.hash))
    return 'postgres://…';
  return `postgres://${url.searchParams.get('host') ?? url.host}${url.pathname}`;
}

/** `text` with every url in it redacted, and without what stands behind the name of a secret. */
export const redactText = (text: string): string =>
  text
    .replace(HEADER, '$1$2…$2')
    .replace(NAMED_SECRET, '$1$2…$2')
    .replace(AUTHORIZATION, '$1 …')
    .replace(SPACED_DSN, '$1')
    .replace(WORD, word => (word.includes('://') ? redactUrls(word) : word));

/** As in `NAME=`, `"name": ` and `name => `; the name may be the end of a longer one. */
const named = (names: string, value: string): RegExp =>
  new RegExp(`((?:${names})[\\\\"']{0,4}[ \\t]*(?:=>|:=|[=:])[ \\t]*)(?:${QUOTED}|${value})`, 'gi');

/** To the same quote again, unless that is escaped; else to the end, for it may be cut off. */
const QUOTED = `(\\\\{0,3}["'])[^]*?(?:(?<!\\\\)\\2|$)`;

/** The whole line, for parts of it would do: `Digest username="…", response="…"` and `a=1; b=2`. */
const HEADER = named('authorization|cookie', '[^\\r\\n]+');

const NAMED_SECRET = named(
  'pass(?:word|wd|phrase|code)|pwd|secret|token|(?:api|access|private)[-_ ]?key|credentials?|signature|sess(?:ion)?[-_ ]?id',
  '[^\\t-\\r ]+',
);

const AUTHORIZATION =
  /\b(basic|bearer)[ \t]+(?!(?:auth|authentication|authorization|credentials?|realm|scheme|tokens?)(?![\w+/.~-]))[\w+/.~=-]{6,}/gi;

/** A password with spaces, up to its `@`. Bounded, for the text may go on without one. */
const SPACED_DSN = /(postgres(?:ql)?:\/\/)[^\s:/?#@]{0,100}:(?!\d{0,5}(?:[\s/?#]|$))[^\r\n@]{0,200}@/gi;

const WORD = /[^\t-\r ]+/g;

/** Of a word that holds one or more; what follows a query is part of it. */
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

/** A password may hold what ends the host of a proper url, so behind one all goes up to the last `@`. */
function userInfoEnd(rest: string, isDsn: boolean): number {
  const [authority = ''] = /^[^/?#\\]*/.exec(rest) ?? [];
  const hasPassword = !isPlainHost(authority) && authority.includes(':');
  return 1 + (isDsn || hasPassword ? rest : authority).lastIndexOf('@');
}

/** Whether what stands before the path can be a host and its port, and not a user and a password cut off. */
function isPlainHost(place: string): boolean {
  const [authority = ''] = /^[^/?#\\]*/.exec(place) ?? [];
  const [host = ''] = /^(?:\[[^\]]*\]|[^:@]*)/.exec(authority) ?? [];
  return /^(?::\d{0,5})?[^\w%…@]*$/.test(authority.slice(host.length));
}
