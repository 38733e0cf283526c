import { once } from 'node:events';
import { Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ChannelKind, Sent } from '../../alerting/channel.ts';
import { explainError, explainTimeout } from '../../net/failure/explain-error.ts';
import type { AddressGuard, Permission } from '../../net/guard/address-guard.ts';
import { type Address, literalAddress, type Resolve } from '../../net/names/resolution.ts';
import type { Phase } from '../../net/timing/phase-clock.ts';
import type { HttpRequest } from '../kinds/outgoing.ts';
import { causeName } from '../wording/cause-name.ts';
import { followPhases } from './follow-phases.ts';
import { judgeResponse } from './judge-response.ts';
import { readBeginning } from './read-beginning.ts';

export interface HttpTools {
  readonly resolve: Resolve;
  readonly guard: AddressGuard;
  /** PEM of the authorities to trust instead of those that Node trusts; null: those */
  readonly authorities: string | null;
}

/** What an attempt is about besides its request. */
export interface HttpAttempt {
  readonly kind: ChannelKind;
  /** What a problem must not quote */
  readonly hidden: readonly string[];
  /** Fires at the deadline or when nobody wants the result any more */
  readonly stop: AbortSignal;
}

/**
 * POSTs a request and judges the answer. Connects to no address but those that the guard permits, so that a name
 * that resolves differently a moment later leads nowhere else. Follows no redirect. Never rejects.
 */
export async function sendHttp(request: HttpRequest, tools: HttpTools, attempt: HttpAttempt): Promise<Sent> {
  const permission = await permit(new URL(request.url).hostname, tools, attempt.stop);
  return permission.kind === 'refused'
    ? notArrived(permission.detail)
    : post(request, permission.addresses, tools, attempt);
}

async function permit(
  hostname: string,
  { resolve, guard }: HttpTools,
  stop: AbortSignal,
): Promise<Permission> {
  const literal = literalAddress(hostname);
  if (literal !== null) return guard([literal]);
  const resolution = await resolve(hostname, stop);
  return resolution.kind === 'resolved'
    ? guard(resolution.addresses)
    : { kind: 'refused', detail: causeName(resolution.cause) };
}

/** Of our own: a kept connection of Node's common agents may lead to an address that no guard has judged. */
const AGENTS = { http: new HttpAgent({ keepAlive: false }), https: new HttpsAgent({ keepAlive: false }) };

async function post(
  { url, headers, body }: HttpRequest,
  addresses: readonly Address[],
  { authorities }: HttpTools,
  { kind, hidden, stop }: HttpAttempt,
): Promise<Sent> {
  const { default: got } = await import('got');
  let phase = 'connect' as Phase; // widened, for a callback changes it
  const sending = got.stream.post(url, {
    headers: { 'user-agent': 'website-monitor', connection: 'close', ...headers },
    body,
    signal: stop,
    dnsLookup: onlyTo(addresses),
    agent: AGENTS,
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
    decompress: false,
    ...(authorities === null ? {} : { https: { certificateAuthority: authorities } }),
  });
  sending.on('error', () => {}); // one may come after all is decided
  sending.on('request', request =>
    followPhases(request, url.startsWith('https:'), entered => {
      phase = entered;
    }),
  );
  try {
    const [{ statusCode = 0, headers: answered }] = (await once(sending, 'response')) as [IncomingMessage];
    const response = {
      status: statusCode,
      retryAfter: answered['retry-after'] ?? null,
      body: await readBeginning(sending),
    };
    return judgeResponse(kind, response, hidden, Date.now());
  } catch (error) {
    const { cause } = stop.aborted ? explainTimeout(phase) : explainError(error, phase);
    const hasLeft = phase === 'ttfb'; // the request goes out with the connection
    return { ...notArrived(causeName(cause)), mayHaveArrived: hasLeft };
  } finally {
    sending.destroy();
  }
}

/** Answers one tick late although the addresses are known: error listeners are attached only then. */
const onlyTo =
  (addresses: readonly Address[]): LookupFunction =>
  (_hostname, { all }, onAddresses) => {
    const [first] = addresses;
    process.nextTick(() =>
      all ? onAddresses(null, [...addresses]) : onAddresses(null, first?.address ?? '', first?.family),
    );
  };

const notArrived = (problem: string) =>
  ({ kind: 'failed', problem, mayHaveArrived: false, retryAfterMs: null }) as const;
