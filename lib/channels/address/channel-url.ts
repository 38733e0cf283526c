import { CHANNEL_KINDS, type ChannelKind } from '../../alerting/channel.ts';
import { nearest, suggestion } from '../../domain/nearest.ts';
import { isReference } from '../../domain/target/secret-reference.ts';
import type { Addresses } from './addresses.ts';
import { FORMS, vendorOf } from './read-address.ts';
import { readRecipients } from './recipients.ts';

/** A channel's URL, understood; `address` is null while a reference to a secret stands for it. */
type Understood = {
  readonly [Kind in ChannelKind]: {
    readonly kind: Kind;
    readonly address: Addresses[Kind] | null;
    readonly reference: string | null;
  };
}[ChannelKind];

export type ChannelUrl = Understood | { readonly kind: 'invalid'; readonly problem: string };

const CHARACTERS_MAX = 2_048;

const SCHEMES = [...Object.keys(CHANNEL_KINDS).filter(kind => kind !== 'email'), 'mailto', 'https', 'http'];

/** Reads a channel's URL. The part after `://` may be one reference to a secret that stands for it. */
export function parseChannelUrl(text: string): ChannelUrl {
  if (text.length > CHARACTERS_MAX) return invalid(`must have at most ${CHARACTERS_MAX} characters`);
  if (/[\s\p{Cc}]/u.test(text)) return invalid('must not contain spaces or control characters');
  const [, scheme = '', transport, rest = ''] =
    /^([a-z][a-z\d.-]*)(?:\+(https?))?:(?:\/\/)?(.*)$/i.exec(text) ?? [];
  const name = scheme.toLowerCase();
  if (!SCHEMES.includes(name)) return invalid(unknownScheme(scheme));
  if (name === 'mailto')
    return transport === undefined ? readMailto(rest) : invalid('mailto has no transport');
  if (name === 'https' || name === 'http')
    return transport === undefined ? readWeb(name, rest) : invalid(`${name} has no transport`);
  return readKind(name as HttpKind, transport?.toLowerCase() ?? null, rest);
}

type HttpKind = Exclude<ChannelKind, 'email'>;

function readMailto(rest: string): ChannelUrl {
  if (isReference(rest)) return { kind: 'email', address: null, reference: rest };
  const recipients = readRecipients(rest);
  return typeof recipients === 'string'
    ? invalid(recipients)
    : { kind: 'email', address: { recipients }, reference: null };
}

function readWeb(scheme: string, rest: string): ChannelUrl {
  if (isReference(rest)) return { kind: 'webhook', address: null, reference: rest };
  const url = webUrl(`${scheme}://${rest}`);
  if (url === null) return invalid('must have a host, as in https://example.org/hook');
  const kind = scheme === 'https' ? (vendorOf(url) ?? 'webhook') : 'webhook';
  return readKind(kind as HttpKind, scheme, rest);
}

/** @param transport null: `rest` is the kind's own short form */
function readKind(kind: HttpKind, transport: string | null, rest: string): ChannelUrl {
  if (isReference(rest)) return { kind, address: null, reference: rest } as Understood;
  const { example, expand, read } = FORMS[kind];
  const full = transport === null ? expand(rest) : `${transport}://${rest}`;
  const url = full === null ? null : webUrl(full);
  const address = url === null ? null : read(url);
  if (address !== null) return { kind, address, reference: null } as Understood;
  const how = transport === null ? '' : `, with ${kind}+${transport}:// in front of its address`;
  return invalid(`must look like ${example}${how}`);
}

function webUrl(text: string): URL | null {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '' && isDecodable(url)
    ? url
    : null;
}

function isDecodable({ username, password, pathname }: URL): boolean {
  try {
    return decodeURIComponent(username + password + pathname) !== '';
  } catch {
    return false;
  }
}

const invalid = (problem: string): ChannelUrl => ({ kind: 'invalid', problem });

function unknownScheme(scheme: string): string {
  const known = SCHEMES.map(name => `${name}:`).join(' ');
  if (scheme === '') return `must begin with one of ${known}`;
  const meant = scheme === 'email' || scheme === 'mail' ? 'mailto' : nearest(scheme, SCHEMES);
  return `scheme ${scheme} is unknown${suggestion(meant, `must be one of ${known}`)}`;
}

/** The kind of channel that a URL names; null if it is invalid. */
export function channelKind(url: string): ChannelKind | null {
  const { kind } = parseChannelUrl(url);
  return kind === 'invalid' ? null : kind;
}

/** Why a channel's URL is invalid, completing `url: …`; null if it is valid. Quotes nothing of it but its scheme. */
export function channelUrlProblem(url: string): string | null {
  const parsed = parseChannelUrl(url);
  return parsed.kind === 'invalid' ? parsed.problem : null;
}
