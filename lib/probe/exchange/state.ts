import type { Failure } from '../../net/failure/explain-error.ts';
import { explainTimeout } from '../../net/failure/explain-error.ts';
import type { Phase } from '../../net/timing/phase-clock.ts';
import { type BodyText, createBodyText } from '../body/body-text.ts';
import type { BodyEnd } from '../body/read-body.ts';
import type { HopRequest, Redirect } from '../request/next-hop.ts';
import { nextHop } from '../request/next-hop.ts';
import { isTransferKnown } from './framing.ts';
import type { ResponseHead } from './response-head.ts';

/** How one exchange ended. */
export type Exchange =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body: string;
      /** The body continues past the cap or past the deadline */
      readonly bodyCut: boolean;
    }
  | {
      readonly kind: 'redirected';
      readonly status: number;
      readonly next: Redirect;
      readonly setCookies: readonly string[];
    }
  | { readonly kind: 'failed'; readonly status: number | null; readonly failure: Failure };

export type State =
  | { readonly kind: 'awaiting-head' }
  /** The website floods us with bytes that are not a head: we stop reading and wait for the deadline */
  | { readonly kind: 'muted' }
  | { readonly kind: 'reading-body'; readonly status: number; readonly body: BodyText }
  | { readonly kind: 'over'; readonly end: Exchange };

export type ExchangeEvent =
  | { readonly kind: 'head'; readonly head: ResponseHead }
  | { readonly kind: 'body-ended'; readonly end: BodyEnd }
  /** The connection or the parser failed */
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The connection closed before the response ended */
  | { readonly kind: 'closed' }
  /** More bytes arrived than the response explains */
  | { readonly kind: 'flooded' }
  /** The deadline passed during `phase`, or nobody wants the answer any more */
  | { readonly kind: 'stopped'; readonly phase: Phase | null };

/** What the transitions depend on besides the events. */
export interface ExchangeRules {
  readonly request: HopRequest;
  /** False: a redirect is an answer like any other */
  readonly followsRedirects: boolean;
  readonly bodyBytesMax: number;
}

export const AWAITING_HEAD: State = { kind: 'awaiting-head' };

/** Returns the state after `event`. An exchange that is over stays so. */
export function advance(state: State, event: ExchangeEvent, rules: ExchangeRules): State {
  if (state.kind === 'over') return state;
  switch (event.kind) {
    case 'head':
      return afterHead(event.head, rules);
    case 'body-ended':
      return state.kind === 'reading-body' ? afterBody(state, event.end) : state;
    case 'failed':
      return failed(statusIn(state), event.failure);
    case 'closed':
      return failed(statusIn(state), CLOSED_EARLY);
    case 'flooded':
      return state.kind === 'reading-body' ? answered(state, true) : MUTED;
    case 'stopped':
      return afterStop(state, event.phase);
  }
}

type ReadingBody = Extract<State, { kind: 'reading-body' }>;

function afterHead(head: ResponseHead, rules: ExchangeRules): State {
  const { status, headers } = head;
  if (status < 200) return protocolError(null, `status ${status} is not valid for a response`);
  if (!isTransferKnown(head)) return protocolError(status, 'unknown transfer-encoding');

  const next = rules.followsRedirects ? nextHop(rules.request, status, headers.location) : null;
  if (next !== null && next.kind !== 'none') {
    return over({ kind: 'redirected', status, next, setCookies: headers['set-cookie'] ?? [] });
  }
  const body = createBodyText(headers['content-type'], rules.bodyBytesMax);
  return { kind: 'reading-body', status, body };
}

const afterBody = (state: ReadingBody, end: BodyEnd): State =>
  end.kind === 'broken' ? protocolError(state.status, end.detail) : answered(state, end.kind === 'full');

/** Part of a body is an answer. Part of a head is not: we are still waiting for the first byte of a response. */
function afterStop(state: Exclude<State, { kind: 'over' }>, phase: Phase | null): State {
  if (state.kind !== 'reading-body') {
    return failed(null, explainTimeout(phase === 'transfer' ? 'ttfb' : phase));
  }
  return state.body.size() > 0 ? answered(state, true) : failed(state.status, explainTimeout('transfer'));
}

const CLOSED_EARLY: Failure = {
  cause: 'connection_reset',
  detail: 'the connection closed before the response ended',
};
const MUTED: State = { kind: 'muted' };

const over = (end: Exchange): State => ({ kind: 'over', end });

const answered = ({ status, body }: ReadingBody, bodyCut: boolean): State =>
  over({ kind: 'answered', status, body: body.text(bodyCut), bodyCut });

const failed = (status: number | null, failure: Failure): State => over({ kind: 'failed', status, failure });

const protocolError = (status: number | null, detail: string): State =>
  failed(status, { cause: 'protocol_error', detail });

const statusIn = (state: State): number | null => (state.kind === 'reading-body' ? state.status : null);
