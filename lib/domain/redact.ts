/**
 * The one place that takes secrets out of what is shown: logs, errors, the failure log, `check`. It
 * works on texts, since that is how secrets get there: within a url, a DSN or a library's message.
 */

/** A url without user info, query and fragment, for that is where secrets travel. Also of what is no url. */
export const redactUrl = (url: string): string => redactText(url);

/** `postgres://host:port/database` of a DSN: enough to tell servers apart, without user, password or options. */
export function redactDsn(dsn: string): string {
  const url = URL.parse(dsn.replace('@/', '@localhost/')); // the host may stand in ?host= alone
  if (url === null) return 'postgres://…';
  return `postgres://${url.searchParams.get('host') ?? url.host}${url.pathname}`;
}

/** `text` with every url in it redacted, and without what stands behind the name of a secret. */
export const redactText = (text: string): string =>
  text
    .replace(DSN, '$1')
    .replace(URL_IN_TEXT, withoutUrlSecrets)
    .replace(AUTHORIZATION, '$1 …')
    .replace(NAMED_SECRET, '$1…');

/** A password may hold what ends the host of any other url, so all goes that stands before the last `@`. */
const DSN = /\b(postgres(?:ql)?:\/\/)\S*@/gi;

const URL_IN_TEXT = /\b([a-z][a-z\d+.-]*:\/\/)(?:[^\s/?#]*@)?([^\s?#]*)([?#]\S*)?/gi;

const withoutUrlSecrets = (
  _url: string,
  scheme: string,
  place: string,
  secrets: string | undefined,
): string => `${scheme}${place}${secrets === undefined ? '' : '?…'}`;

const AUTHORIZATION = /\b(basic|bearer)\s+[\w+/.~=-]{6,}/gi;

const NAMED_SECRET =
  /\b((?:password|passwd|pwd|secret|token|authorization|cookie|api[-_ ]?key|access[-_ ]?key)["']?\s*[=:]\s*)(?:"[^"]*"|'[^']*'|(?!…|(?:basic|bearer) …)[^\s,;&"']+)/gi;
