import got, { AbortError, HTTPError, RequestError, TimeoutError } from 'got';
import { defer, finalize, from, type Observable } from 'rxjs';
import { cleanDetail } from '../domain/clean-text.ts';
import type { Sent } from './heartbeat.ts';

export interface SendLimits {
  /** For each attempt; default 10 s */
  readonly attemptMsMax?: number;
  /** For each wait before a retry, unless the receiver asks for more; default 2 s */
  readonly backoffMsMax?: number;
}

const RETRIES_MAX = 2;
/** Longest wait before a retry that a receiver may ask for, by Retry-After */
const RETRY_AFTER_MS_MAX = 10_000;
/** The answer's body is read and dropped, up to this size */
const BODY_BYTES_MAX = 64 * 1024;

/**
 * GETs `url` once per subscription, with retries, and says whether the receiver accepted it.
 *
 * Follows no redirect, for the path often holds a token that another host must not see. The URL is the
 * operator's own, so the guard that keeps checks from private addresses does not apply.
 *
 * Emits once and never errors. Unsubscribing aborts.
 */
export const sendHeartbeat = (url: string, limits: SendLimits = {}): Observable<Sent> =>
  defer(() => {
    const aborting = new AbortController();
    return from(send(url, limits, aborting)).pipe(finalize(() => aborting.abort()));
  });

async function send(url: string, limits: SendLimits, aborting: AbortController): Promise<Sent> {
  const request = clientWith(limits)(url, { signal: aborting.signal });
  request.on('downloadProgress', ({ transferred }) => {
    if (transferred > BODY_BYTES_MAX) aborting.abort();
  });
  try {
    const { statusCode } = await request;
    return statusCode < 300
      ? { kind: 'accepted' }
      : failed(`status ${statusCode}: redirects are not followed`);
  } catch (error) {
    return failed(reasonOf(error));
  }
}

/** Three attempts and the waits between them take less than a minute. */
const clientWith = ({ attemptMsMax = 10_000, backoffMsMax = 2_000 }: SendLimits) =>
  got.extend({
    headers: { 'user-agent': 'website-monitor', connection: 'close' }, // a kept one would prove less
    timeout: { request: attemptMsMax },
    retry: { limit: RETRIES_MAX, backoffLimit: backoffMsMax, maxRetryAfter: RETRY_AFTER_MS_MAX },
    followRedirect: false,
    decompress: false,
  });

const failed = (reason: string): Sent => ({ kind: 'failed', reason: cleanDetail(reason) });

/** Never got's own message: it quotes the URL. */
function reasonOf(error: unknown): string {
  if (error instanceof HTTPError) return `status ${error.response.statusCode}`;
  if (error instanceof TimeoutError) return 'timeout';
  if (error instanceof AbortError) return `the answer is longer than ${BODY_BYTES_MAX} bytes`;
  if (error instanceof RequestError) return error.code;
  return 'unknown error';
}
