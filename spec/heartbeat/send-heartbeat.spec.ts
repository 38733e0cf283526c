import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import { type SendLimits, sendHeartbeat } from '../../lib/heartbeat/send-heartbeat.ts';
import {
  type Act,
  afterMs,
  hang,
  redirectTo,
  reset,
  respond,
  type ScriptedWebsite,
  sendEndlessly,
  sendRaw,
  startScriptedWebsite,
} from '../support/scripted-website.ts';

const TOKEN = 't0ken';
const PATH = `/ping/${TOKEN}?key=${TOKEN}`;
const FAST: SendLimits = { attemptMsMax: 250, backoffMsMax: 10 };
/** For what does not end by itself, on a machine that is busy */
const PATIENT: SendLimits = { attemptMsMax: 10_000, backoffMsMax: 10 };

/** Answers in turn, and with the last for ever after. */
const inTurn = (...acts: Act[]): Act => {
  const left = [...acts];
  return (request, response) => (left.length > 1 ? left.shift() : left[0])?.(request, response);
};

describe('Sending a heartbeat', () => {
  let receiver: ScriptedWebsite;
  let elsewhere: ScriptedWebsite;
  before(async () => {
    elsewhere = await startScriptedWebsite({ acts: { '*': respond() } });
  });
  afterEach(() => receiver.close());
  after(() => elsewhere.close());

  const send = async (act: Act, limits = FAST) => {
    receiver = await startScriptedWebsite({ acts: { [PATH]: act } });
    const sent = await firstValueFrom(sendHeartbeat(`${receiver.origin}${PATH}`, limits));
    return { ...sent, requests: receiver.requests.length };
  };

  const rows: [receiver: string, act: () => Act, result: object, limits?: SendLimits][] = [
    ['accepts it', () => respond({ body: 'OK' }), { kind: 'accepted', requests: 1 }],
    ['accepts it without a body', () => respond({ status: 204 }), { kind: 'accepted', requests: 1 }],
    [
      'does not know it',
      () => respond({ status: 404 }),
      { kind: 'failed', reason: 'status 404', requests: 1 },
    ],
    ['is broken', () => respond({ status: 500 }), { kind: 'failed', reason: 'status 500', requests: 3 }],
    [
      'is broken at first',
      () => inTurn(respond({ status: 503 }), reset, respond()),
      { kind: 'accepted', requests: 3 },
    ],
    [
      'asks for a short wait',
      () => inTurn(respond({ status: 429, headers: { 'retry-after': '0' } }), respond()),
      { kind: 'accepted', requests: 2 },
    ],
    [
      'asks for a wait that is too long for us',
      () => respond({ status: 429, headers: { 'retry-after': '11' } }),
      { kind: 'failed', reason: 'status 429', requests: 1 },
    ],
    ['hangs', () => hang, { kind: 'failed', reason: 'timeout', requests: 3 }],
    ['is too slow', () => afterMs(400, respond()), { kind: 'failed', reason: 'timeout', requests: 3 }],
    ['resets the connection', () => reset, { kind: 'failed', reason: 'ECONNRESET', requests: 3 }],
    [
      'redirects',
      () => redirectTo(`${elsewhere.origin}/`),
      { kind: 'failed', reason: 'status 302: redirects are not followed', requests: 1 },
    ],
    [
      'answers without end',
      () => sendEndlessly('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(16_384)),
      { kind: 'failed', reason: 'the answer is longer than 65536 bytes', requests: 1 },
      PATIENT,
    ],
    [
      'fails without end',
      () => sendEndlessly('HTTP/1.1 500 Oh\r\n\r\n', 'x'.repeat(16_384)),
      { kind: 'failed', reason: 'the answer is longer than 65536 bytes', requests: 1 },
      PATIENT,
    ],
    [
      'answers drop by drop without end',
      () => sendEndlessly('HTTP/1.1 200 OK\r\n\r\n', 'x', 20),
      { kind: 'failed', reason: 'timeout', requests: 3 },
    ],
    [
      'does not speak HTTP',
      () => sendRaw('no\r\n'),
      { kind: 'failed', reason: 'HPE_INVALID_CONSTANT', requests: 1 },
    ],
  ];
  for (const [what, act, result, limits] of rows) {
    it(`to a receiver that ${what}`, async () => {
      const sent = await send(act(), limits);
      expect(sent).to.deep.equal(result);
      expect(JSON.stringify(sent)).to.not.include(TOKEN);
      await receiver.allClosed();
    });
  }

  it('asks with GET and our name, and takes a redirect nowhere', async () => {
    await send(redirectTo(`${elsewhere.origin}/`));
    const [request] = receiver.requests;
    expect(request).to.deep.include({ method: 'GET', path: PATH });
    expect(request?.headers).to.include({ 'user-agent': 'website-monitor' });
    expect(elsewhere.requests).to.deep.equal([]);
  });

  it('to nobody', async () => {
    receiver = await startScriptedWebsite({ acts: {} });
    const { origin } = receiver;
    await receiver.close();
    receiver = await startScriptedWebsite({ acts: {} });
    const sent = await firstValueFrom(sendHeartbeat(`${origin}${PATH}`, FAST));
    expect(sent).to.deep.equal({ kind: 'failed', reason: 'ECONNREFUSED' });
  });

  it('ends at once, with no connection left, when it is unsubscribed', async () => {
    receiver = await startScriptedWebsite({ acts: { '*': hang } });
    const requested = receiver.nextRequest();
    const sending = sendHeartbeat(`${receiver.origin}${PATH}`).subscribe();
    await requested;
    sending.unsubscribe();
    await receiver.allClosed();
    expect(receiver.requests).to.have.length(1);
  });
});
