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
  const whole = parsed.reference === null ? known(url) : find(parsed.reference);
  const tokens = secrets.map(find);
  const missing = [whole, ...tokens].find(one => one.kind === 'missing');
  if (missing?.kind === 'missing') return unresolved(missing.detail);

  const text = whole.kind === 'known' ? whole.text : '';
  const complete =
    parsed.reference === null ? parsed : parseChannelUrl(placed(url, parsed.reference, text.trim()));
  if (complete.kind !== parsed.kind || complete.address === null)
    return unresolved(`the secret ${parsed.reference} holds no ${parsed.kind} address`);
  const plain = tokens.flatMap(token => (token.kind === 'known' ? [token.text] : []));
  return {
    ...complete,
    secrets: plain,
    hidden: [...plain, ...pieces(text)],
  } as ResolvedChannel;
}

const known = (text: string): ReturnType<Secrets> => ({ kind: 'known', text });

/** A secret may be the part after `KIND://`, or the whole address that a receiver's own page shows. */
function placed(url: string, reference: string, secret: string): string {
  const scheme = url.slice(0, -reference.length);
  const [kind = ''] = /^[a-z]+/.exec(scheme) ?? [];
  if (!/^[a-z+]+:/i.test(secret) || !/^[a-z+]+:\/\//i.test(secret)) return scheme + secret;
  return /^https?$/.test(kind) || !/^https?:/i.test(secret) ? secret : `${kind}+${secret}`;
}

/** Shorter ones occur in any text. */
const HIDDEN_CHARACTERS_MIN = 5;

const pieces = (url: string): readonly string[] =>
  url.split(/[/?#&=@:]+/).filter(piece => piece.length >= HIDDEN_CHARACTERS_MIN);
