import type { Channel } from '../alerting/channel.ts';
import type { Secrets } from '../checking/ports.ts';
import { type ChannelUrl, parseChannelUrl } from './address/channel-url.ts';

/** A channel with its references resolved: its address is complete. */
export type ResolvedChannel = {
  readonly [Kind in ValidUrl['kind']]: {
    readonly kind: Kind;
    readonly address: NonNullable<Extract<ValidUrl, { readonly kind: Kind }>['address']>;
    readonly secrets: readonly string[];
    /** What a message about this channel must not quote */
    readonly hidden: readonly string[];
  };
}[ValidUrl['kind']];

type ValidUrl = Exclude<ChannelUrl, { readonly kind: 'invalid' }>;

type Resolution = ResolvedChannel | { readonly kind: 'unresolved'; readonly problem: string };

const unresolved = (problem: string): Resolution => ({ kind: 'unresolved', problem });

/** Resolves the references in a channel's URL and secrets. Problems quote no secret. */
export function resolveChannel(
  { url, secrets }: Pick<Channel, 'url' | 'secrets'>,
  find: Secrets,
): Resolution {
  const parsed = parseChannelUrl(url);
  if (parsed.kind === 'invalid') return unresolved(`the URL ${parsed.problem}`);
  const tokens = secrets.map(find);
  const place = parsed.reference === null ? null : find(parsed.reference);
  const missing = [place, ...tokens].find(one => one?.kind === 'missing');
  if (missing?.kind === 'missing') return unresolved(missing.detail);

  const { kind, reference } = parsed;
  const text =
    place?.kind === 'known' && reference !== null ? placed(url, reference, place.text.trim()) : url;
  const complete = parseChannelUrl(text);
  if (complete.kind !== kind || complete.address === null)
    return unresolved(wrongSecret(kind, complete.kind, `${reference}`));
  const plain = tokens.flatMap(token => (token.kind === 'known' ? [token.text] : []));
  return { ...complete, secrets: plain, hidden: [...plain, ...pieces(text)] } as ResolvedChannel;
}

const wrongSecret = (wanted: string, found: string, reference: string): string =>
  found === 'invalid' || found === wanted
    ? `the secret ${reference} holds no ${wanted} address`
    : `the secret ${reference} holds a ${found} address: set the channel's URL to ${found}://${reference}`;

/** A secret may be the part after `KIND://`, or the whole address that a receiver's own page shows. */
function placed(url: string, reference: string, secret: string): string {
  const scheme = url.slice(0, -reference.length);
  const [kind = ''] = /^[a-z]+/i.exec(scheme) ?? [];
  const [isWhole, isWeb] = [/^(mailto:|[a-z+]+:\/\/)/i, /^https?:/i].map(beginning => beginning.test(secret));
  if (!isWhole) return scheme + secret;
  return isWeb && !/^https?$/i.test(kind) ? `${kind}+${secret}` : secret;
}

/** Shorter ones occur in any text. */
const HIDDEN_CHARACTERS_MIN = 5;

/** All that may be secret in a URL: everything behind its scheme. */
const pieces = (url: string): readonly string[] =>
  url
    .replace(/^[a-z+]+:/i, '')
    .split(/[/?#&=@:,]+/)
    .filter(piece => piece.length >= HIDDEN_CHARACTERS_MIN);
