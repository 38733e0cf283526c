import type { Target } from '../domain/target.ts';
import type { HopRequest } from './next-hop.ts';
import { parseWebUrl } from './web-url.ts';

/** Headers that frame the message or the connection: with another value than ours nothing would fit. */
const OUR_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export type FirstHop =
  | { readonly kind: 'hop'; readonly request: HopRequest }
  | { readonly kind: 'invalid'; readonly detail: string };

/** The target's own request, unless its url or headers are such that nobody could send it. */
export function firstHop({ url, method, headers }: Target): FirstHop {
  const parsed = parseWebUrl(url);
  if (parsed.kind === 'invalid') return parsed;
  const refused = Object.keys(headers).find(name => OUR_HEADERS.has(name.toLowerCase()));
  if (refused !== undefined) {
    return { kind: 'invalid', detail: `header ${refused} is for the service to set` };
  }
  return { kind: 'hop', request: { url: parsed.url, method, headers } };
}
