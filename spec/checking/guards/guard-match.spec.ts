import { expect } from 'chai';
import sinon from 'sinon';
import { guardMatch } from '../../../lib/checking/guards/guard-match.ts';
import type { Ports } from '../../../lib/checking/ports.ts';

describe('A matcher of an embedder', () => {
  afterEach(() => sinon.restore());
  const matchOf = (match: () => unknown, slackMs?: number) =>
    guardMatch(match as Ports['match'])('a', 'aa', slackMs);
  const INVALID = { kind: 'invalid', detail: 'the matcher gave an invalid result' };

  for (const [does, match, expected] of [
    ['finds', async () => ({ kind: 'found' }), { kind: 'found' }],
    ['rejects', () => Promise.reject(new Error('boom')), { kind: 'not-run' }],
    [
      'throws',
      () => {
        throw new Error('boom');
      },
      { kind: 'not-run' },
    ],
    ['gives a word', async () => 'found', INVALID],
    ['gives nothing', async () => undefined, INVALID],
    ['returns an unknown kind', async () => ({ kind: 'yes' }), INVALID],
    [
      'gives a detail that is no text',
      async () => ({ kind: 'invalid', detail: 7 }),
      { kind: 'invalid', detail: '7' },
    ],
  ] as const) {
    it(`that ${does} results in ${expected.kind}`, async () => {
      expect(await matchOf(match)).to.deep.equal(expected);
    });
  }

  it('that never ends has two seconds, and the slack', async () => {
    const clock = sinon.useFakeTimers();
    let slack: unknown = 'waits';
    void matchOf(() => new Promise(() => {}), 500).then(match => {
      slack = match;
    });
    const matched = matchOf(() => new Promise(() => {}));
    await clock.tickAsync(2_000);
    expect(await matched).to.deep.equal({ kind: 'not-run' });
    expect(slack).to.equal('waits');
    await clock.tickAsync(500);
    expect(slack).to.deep.equal({ kind: 'not-run' });
  });
});
