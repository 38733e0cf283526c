import { isReference } from '../../domain/target/secret-reference.ts';
import { parseChannelUrl } from './channel-url.ts';

/**
 * A channel's URL as everybody may see it. Paths, users and queries of receivers are their secrets, so it keeps
 * the scheme, the host where there is one, mail addresses, and references, which hold no secret.
 */
export function shownChannelUrl(text: string): string {
  const { kind } = parseChannelUrl(text);
  const [, scheme = '', rest = ''] = /^([a-z][a-z\d+.-]*:(?:\/\/)?)(.*)$/is.exec(text) ?? [];
  if (kind === 'invalid') return '…';
  if (kind === 'email' || isReference(rest)) return text;
  const host = hasHost(scheme) ? URL.parse(`http://${rest}`)?.host : undefined;
  return host === undefined ? `${scheme}…` : `${scheme}${host}/…`;
}

/** Other schemes are followed by a token at once. */
const hasHost = (scheme: string): boolean =>
  /(^|\+)https?:\/\/$|^(webhook|teams|ntfy|alertmanager|apprise):\/\/$/i.test(scheme);
