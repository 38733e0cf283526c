import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import type { Told } from '../../../lib/alerting/message.ts';
import { sign } from '../../../lib/channels/kinds/sign.ts';
import { aFlood, aMessage, aResolve, aTold, HOSTILE_TEXTS } from '../../support/a-message.ts';
import { blocksOf, documentAt } from '../../support/markdown.ts';
import { isSigned } from '../../support/receivers.ts';
import { bodyOf, requestOf, SENT_AT_MS } from '../../support/rendering.ts';

const SCHEMA = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../docs/schemas/alert.schema.json'), 'utf8'),
);

const DOCUMENT = documentAt('docs/ALERTS.md');

const problemsIn = (body: unknown): readonly string[] => {
  const { error } = z.fromJSONSchema(SCHEMA).safeParse(body);
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
};

describe('A webhook', () => {
  it('has the headers of Standard Webhooks, at the time of the attempt', () => {
    const { headers } = requestOf('webhook', aMessage());
    expect(headers).to.include({
      'content-type': 'application/json; charset=utf-8',
      'webhook-id': '0b8f1d5e-6f1c-4c0e-9a55-1c7e3c1d2f3a',
      'webhook-timestamp': `${SENT_AT_MS / 1_000}`,
    });
    expect(headers).to.not.have.property('webhook-signature');
  });

  it('is signed as the libraries of the specification verify it', () => {
    // The vector that their own tests share
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    expect(sign(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', '{"test": 2432232314}')).to.equal(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('has a signature for each secret', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const { headers, body } = requestOf('webhook', aMessage(), { secrets: [secret, 'whsec_b3RoZXI='] });
    expect(headers['webhook-signature']).to.match(/^v1,[\w+/]{43}= v1,[\w+/]{43}=$/);
    const received = { method: 'POST', path: '/', headers, text: body };
    expect(isSigned(received, secret, SENT_AT_MS)).to.equal(true);
    expect(isSigned(received, 'whsec_bmVpdGhlcg==', SENT_AT_MS)).to.equal(false);
  });

  it('sends the user and password of its URL as a header', () => {
    const { url, headers } = requestOf('webhook', aMessage(), { url: 'https://me:pw@example.org/hook?a=b' });
    expect(url).to.equal('https://example.org/hook?a=b');
    expect(headers.authorization).to.equal('Basic bWU6cHc=');
  });

  it('tells what, where, since when, why and what to do', () => {
    const { type, timestamp, data } = bodyOf('webhook', aMessage());
    expect({ type, timestamp }).to.deep.equal({
      type: 'alert.opened',
      timestamp: '2026-11-28T15:05:09.000Z',
    });
    expect(data).to.deep.include({
      alert_id: '42',
      kind: 'down',
      title: 'DOWN shop.example.org: connection refused',
      cause: 'connect_refused',
      explanation: 'nothing listens on the port',
      since: '2026-11-28T15:04:09.000Z',
      until: null,
      target: aTold().target,
    });
  });

  it('is shown in the documents as it is', () => {
    const [example = ''] = blocksOf(DOCUMENT, 'json');
    expect(JSON.parse(example)).to.deep.equal(bodyOf('webhook', aMessage()));
  });

  it('is verified by the code in the documents', async () => {
    const [code = ''] = blocksOf(DOCUMENT, 'js');
    const { isGenuine } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    const secrets = ['whsec_bmV3', 'whsec_b2xk'];
    const { headers, body } = requestOf('webhook', aMessage(), { secrets, sentAtMs: Date.now() });
    expect(secrets.map(secret => isGenuine(headers, body, secret))).to.deep.equal([true, true]);
    expect(isGenuine(headers, body, 'whsec_b3RoZXI=')).to.equal(false);
    expect(isGenuine(headers, `${body} `, 'whsec_bmV3')).to.equal(false);
    expect(isGenuine({}, body, 'whsec_bmV3')).to.equal(false);
    const late = requestOf('webhook', aMessage(), { secrets });
    expect(isGenuine(late.headers, late.body, 'whsec_bmV3'), 'sent long ago').to.equal(false);
  });

  const rows: Told[] = [
    aTold(),
    aTold({ news: 'reminder' }),
    aTold({ news: 'acknowledged', acknowledgedBy: 'ada' }),
    aResolve(),
    aResolve({ ending: 'deleted', isWhole: true, incidents: 4 }),
    aTold({ kind: 'channel', target: null, cause: 'channel_fails', check: null, lastGoodAtMs: null }),
  ];
  for (const told of rows) {
    it(`matches the published schema: ${told.kind} ${told.news} ${told.ending ?? ''}`, () => {
      expect(problemsIn(bodyOf('webhook', aMessage([told])))).to.deep.equal([]);
    });
  }

  it('has every field of the schema, and no other', () => {
    const { data } = bodyOf('webhook', aMessage());
    const { properties } = SCHEMA.properties.data;
    expect(data).to.have.all.keys(...Object.keys(properties));
    expect(data.target).to.have.all.keys(...Object.keys(properties.target.properties));
    expect(data.check).to.have.all.keys(...Object.keys(properties.check.properties));
  });

  it('would not match it with a field less or a word that it does not know', () => {
    const body = bodyOf('webhook', aMessage());
    expect(problemsIn({ ...body, type: 'alert.exploded' })).to.not.be.empty;
    expect(problemsIn({ ...body, data: { ...body.data, since: undefined } })).to.not.be.empty;
  });

  for (const text of HOSTILE_TEXTS) {
    it(`is JSON by the schema, with ${JSON.stringify(text.slice(0, 40))} for every text`, () => {
      expect(problemsIn(bodyOf('webhook', aFlood(text)))).to.deep.equal([]);
    });
  }
});
