import { expect } from 'chai';
import type { Phase } from '../../../lib/net/timing/phase-clock.ts';
import { createBodyText } from '../../../lib/probe/body/body-text.ts';
import type { ExchangeEvent, ExchangeRules, State } from '../../../lib/probe/exchange/state.ts';
import { AWAITING_HEAD, advance } from '../../../lib/probe/exchange/state.ts';

const RULES: ExchangeRules = {
  request: { url: new URL('http://example.org/'), method: 'GET', headers: {}, body: null },
  followsRedirects: true,
  bodyBytesMax: 1_000,
};
const MUTED: State = { kind: 'muted' };
const readingBody = (received = ''): State => {
  const body = createBodyText(undefined, 1_000);
  body.add(Buffer.from(received));
  return { kind: 'reading-body', status: 200, body };
};

const head = (status: number, headers = {}): ExchangeEvent => ({
  kind: 'head',
  head: { status, headers, isPersistent: true, contentLength: null },
});
const stopped = (phase: Phase | null): ExchangeEvent => ({ kind: 'stopped', phase });
const bodyEnded = (kind: 'complete' | 'full'): ExchangeEvent => ({ kind: 'body-ended', end: { kind } });
const BROKEN: ExchangeEvent = { kind: 'body-ended', end: { kind: 'broken', detail: 'broken gzip' } };
const RESET: ExchangeEvent = { kind: 'failed', failure: { cause: 'connection_reset', detail: 'ECONNRESET' } };
const CLOSED: ExchangeEvent = { kind: 'closed' };
const FLOODED: ExchangeEvent = { kind: 'flooded' };

/** A state in a few words: how an exchange ended, or what it waits for. */
const told = (state: State): string => {
  if (state.kind !== 'over') return state.kind;
  const { end } = state;
  if (end.kind === 'answered') return `answered ${end.status} ${end.body}${end.bodyCut ? ', cut' : ''}`;
  return end.kind === 'failed' ? `${end.failure.cause} ${end.status}` : `redirected ${end.status}`;
};

describe('An exchange', () => {
  const ROWS: readonly (readonly [from: State, event: ExchangeEvent, to: string])[] = [
    [AWAITING_HEAD, head(200), 'reading-body'],
    [AWAITING_HEAD, head(302, { location: '/there' }), 'redirected 302'],
    [AWAITING_HEAD, head(302), 'reading-body'],
    [AWAITING_HEAD, head(199), 'protocol_error null'],
    [AWAITING_HEAD, head(101), 'protocol_error null'],
    [AWAITING_HEAD, head(999), 'reading-body'],
    [AWAITING_HEAD, head(200, { 'transfer-encoding': 'gzip' }), 'reading-body'],
    [AWAITING_HEAD, head(200, { 'transfer-encoding': 'xchunked' }), 'protocol_error 200'],
    [AWAITING_HEAD, RESET, 'connection_reset null'],
    [AWAITING_HEAD, CLOSED, 'connection_reset null'],
    [AWAITING_HEAD, FLOODED, 'muted'],
    [AWAITING_HEAD, stopped(null), 'connect_timeout null'],
    [AWAITING_HEAD, stopped('ttfb'), 'response_timeout null'],
    [AWAITING_HEAD, stopped('transfer'), 'response_timeout null'],
    [MUTED, FLOODED, 'muted'],
    [MUTED, CLOSED, 'connection_reset null'],
    [MUTED, stopped('transfer'), 'response_timeout null'],
    [readingBody('hello'), bodyEnded('complete'), 'answered 200 hello'],
    [readingBody('hello'), bodyEnded('full'), 'answered 200 hello, cut'],
    [readingBody('hello'), BROKEN, 'protocol_error 200'],
    [readingBody('hello'), RESET, 'connection_reset 200'],
    [readingBody('hello'), CLOSED, 'connection_reset 200'],
    [readingBody('hello'), FLOODED, 'answered 200 hello, cut'],
    [readingBody('hello'), stopped('transfer'), 'answered 200 hello, cut'],
    [readingBody(), stopped('transfer'), 'transfer_timeout 200'],
  ];
  for (const [from, event, to] of ROWS) {
    const detail = 'head' in event ? ` ${event.head.status}` : 'phase' in event ? ` in ${event.phase}` : '';
    it(`goes from ${from.kind} by ${event.kind}${detail} to ${to}`, () =>
      expect(told(advance(from, event, RULES))).to.equal(to));
  }

  it('treats a redirect as an answer if it follows none', () => {
    const state = advance(AWAITING_HEAD, head(302, { location: '/' }), { ...RULES, followsRedirects: false });
    expect(told(state)).to.equal('reading-body');
  });

  it('stays over, whatever follows', () => {
    const over = advance(readingBody('hello'), bodyEnded('complete'), RULES);
    for (const event of [head(500), BROKEN, RESET, CLOSED, FLOODED, stopped('transfer')]) {
      expect(advance(over, event, RULES)).to.equal(over);
    }
  });
});
