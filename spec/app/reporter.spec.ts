import { expect } from 'chai';
import sinon from 'sinon';
import { createReporter } from '../../lib/app/reporter.ts';
import { EchoLostError } from '../../lib/postgres/checking/wake-ups.ts';

describe('Trouble behind a pooler', () => {
  it('is reported once if it is about listening, and every time otherwise', () => {
    const log = { warn: sinon.fake(), info: sinon.fake() };
    const { retrying } = createReporter(log);
    for (const attempt of [1, 2, 3]) retrying('listen', new EchoLostError(), attempt);
    for (const attempt of [1, 2, 3]) retrying('lease', new Error('gone'), attempt);
    retrying('record', new Error('gone'), 1);
    expect(log.warn.args.map(([message]) => message)).to.deep.equal([
      'LISTEN does not work; polling every second and retrying LISTEN',
      'leasing failed; retrying',
      'leasing failed; retrying',
      'recording failed; retrying',
    ]);
  });
});

describe('Bodies that are given up for want of room', () => {
  it('are reported with their number, not one by one', () => {
    const log = { warn: sinon.fake(), info: sinon.fake() };
    const { bodyGivenUp } = createReporter(log);
    for (let count = 0; count < 3; count++) bodyGivenUp();
    expect(log.warn.args).to.deep.equal([
      ['too many bodies arrive slowly: checks end as unknown', { checks: 1 }],
    ]);
  });
});
