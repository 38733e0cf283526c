import type { ChannelKind, Sent } from '../../alerting/channel.ts';
import { withQuote } from '../problem-text.ts';

/** The head of a receiver's answer and the beginning of its body. */
export interface Response {
  readonly status: number;
  /** Null if it has none */
  readonly retryAfter: string | null;
  readonly body: string;
}

/** Decides by the status alone whether the receiver took the message, refuses it, or may take it later. */
export function judgeResponse(
  kind: ChannelKind,
  { status, retryAfter, body }: Response,
  hidden: readonly string[],
  nowMs: number,
): Sent {
  const problem = withQuote(`status ${status}`, body, hidden);
  const failed = (mayHaveArrived: boolean): Sent => ({
    kind: 'failed',
    problem,
    mayHaveArrived,
    retryAfterMs: retryAfterMs(retryAfter, body, nowMs),
  });
  const refused = (why: string): Sent => ({ kind: 'refused', problem: why, isGone: status === 410 });

  if (kind === 'apprise' && status === 204)
    return refused('status 204: Apprise has no configuration of this key');
  if (kind === 'apprise' && status === 424) return failed(true); // some of its services may have got it
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  if (status >= 300 && status < 400)
    return {
      kind: 'failed',
      problem: `status ${status}: redirects are not followed`,
      mayHaveArrived: false,
      retryAfterMs: null,
    };
  if (status === 408 || status === 429) return failed(false);
  return status >= 400 && status < 500 ? refused(problem) : failed(true);
}

/** Nobody waits longer for a receiver. */
const RETRY_AFTER_MS_MAX = 86_400_000;

/** By the header, in seconds or as a date, else by the body as Telegram and Discord write it. */
function retryAfterMs(header: string | null, body: string, nowMs: number): number | null {
  const ms = header === null ? 1_000 * secondsInBody(body) : headerMs(header.trim(), nowMs);
  return Number.isFinite(ms) ? Math.min(RETRY_AFTER_MS_MAX, Math.max(0, Math.ceil(ms))) : null;
}

const headerMs = (header: string, nowMs: number): number =>
  /^\d+(\.\d+)?$/.test(header) ? 1_000 * Number(header) : Date.parse(header) - nowMs;

const secondsInBody = (body: string): number =>
  Number(/"retry_after"\s*:\s*(\d+(?:\.\d+)?)/.exec(body)?.[1] ?? Number.NaN);
