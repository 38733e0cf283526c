import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Secrets } from '../../checking/ports.ts';
import type { UnknownCause } from '../../domain/check/cause.ts';
import type { Credentials, Target } from '../../domain/target/target.ts';
import type { HopRequest } from './next-hop.ts';
import { parseWebUrl } from './web-url.ts';

/** Headers that frame the message or the connection: only the service knows their right values. */
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
  | { readonly kind: 'invalid'; readonly cause: UnknownCause; readonly detail: string };

/** Builds the target's own request, unless its url, headers or secrets make it impossible to send. */
export function firstHop(
  { url, method, headers, requestBody, credentials }: Target,
  secrets: Secrets,
): FirstHop {
  const parsed = parseWebUrl(url);
  if (parsed.kind === 'invalid') return { ...parsed, cause: 'request_invalid' };
  const missing: string[] = [];
  const reveal = (text: string): string => {
    const secret = secrets(text);
    if (secret.kind === 'missing') missing.push(secret.detail);
    return secret.kind === 'missing' ? '' : secret.text;
  };
  const revealed = Object.entries(headers).map(([name, value]) => [name, reveal(value)] as const);
  const authorization =
    credentials === null ? [] : [['authorization', authorize(credentials, reveal)] as const];
  const [detail] = missing;
  if (detail !== undefined) return { kind: 'invalid', cause: 'secret_unavailable', detail };

  const all = [...revealed, ...authorization];
  const isUserCut = credentials?.kind === 'basic' && reveal(credentials.user).includes(':');
  const refusal = isUserCut
    ? 'the user name of basic credentials must not contain a colon'
    : all.map(refusalOf).find(refused => refused !== null);
  if (refusal) return { kind: 'invalid', cause: 'request_invalid', detail: refusal };
  const secretHeaders = new Set(
    revealed.filter(([name, value]) => value !== headers[name]).map(([name]) => name.toLowerCase()),
  );
  const request = {
    url: parsed.url,
    method,
    headers: Object.fromEntries(all),
    body: requestBody,
    ...(secretHeaders.size > 0 && { secretHeaders }),
  };
  return { kind: 'hop', request };
}

/** Says why a header cannot be sent, without showing its value; null if it can. */
function refusalOf([name, value]: readonly [name: string, value: string]): string | null {
  if (OUR_HEADERS.has(name.toLowerCase())) return `header ${name} is set by the service`;
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return null;
  } catch {
    return `header ${JSON.stringify(name)} contains characters that are not allowed in a header`;
  }
}

function authorize(credentials: Credentials, reveal: (text: string) => string): string {
  if (credentials.kind === 'bearer') return `Bearer ${reveal(credentials.token)}`;
  const pair = `${reveal(credentials.user)}:${reveal(credentials.password)}`;
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}
