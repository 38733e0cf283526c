import { expect } from 'chai';
import { EMPTY, firstValueFrom, NEVER, of } from 'rxjs';
import { guardFetch } from '../../../lib/checking/guards/guard-fetch.ts';
import type { Ports } from '../../../lib/checking/ports.ts';
import type { Answer } from '../../../lib/domain/check/answer.ts';
import { answered, failed } from '../../../lib/domain/check/make-answer.ts';
import { aTarget } from '../../support/a-target.ts';

const answerOf = (fetch: () => unknown): Promise<Answer> =>
  firstValueFrom(guardFetch(fetch as Ports['fetch'])(aTarget(), performance.now()));
const detailOf = async (fetch: () => unknown): Promise<string> => {
  const answer = await answerOf(fetch);
  return answer.kind === 'failed' && answer.cause === 'internal_error' ? answer.detail : answer.kind;
};

const NO_PHASES = { dnsUs: null, connectUs: null, tlsUs: null, ttfbUs: null, transferUs: null };
const PHASES = { ...NO_PHASES, totalUs: 1 };
const HOP = { url: 'http://a/', address: '::1', httpStatus: 200, phases: PHASES };
const CERTIFICATE = { expiresAtMs: 1, host: 'a', subject: 'a', issuer: 'a', fingerprint: 'a' };
const ANSWER = answered({ httpStatus: 200, phases: PHASES, hops: [HOP], certificate: CERTIFICATE });
const FAILED = failed('connect_refused', 'nobody listens');

describe('A fetch of an embedder', () => {
  const invalid: readonly (readonly [answer: unknown, problem: string])[] = [
    [undefined, 'it is not an object'],
    [null, 'it is not an object'],
    [200, 'it is not an object'],
    [{}, 'kind must be answered, failed or aborted'],
    [{ kind: 'answered' }, 'httpStatus must be a whole number from 100 to 999'],
    [{ ...ANSWER, httpStatus: '200' }, 'httpStatus must be a whole number from 100 to 999'],
    [{ ...ANSWER, httpStatus: 99 }, 'httpStatus must be a whole number from 100 to 999'],
    [{ ...ANSWER, httpStatus: 200.5 }, 'httpStatus must be a whole number from 100 to 999'],
    [{ ...ANSWER, body: Buffer.from('ok') }, 'body must be a text'],
    [{ ...ANSWER, bodyCut: undefined }, 'bodyCut must be true or false'],
    [{ ...ANSWER, heldUpMs: -1 }, 'heldUpMs must be a number from 0'],
    [{ ...ANSWER, phases: undefined }, 'phases must be an object'],
    [{ ...ANSWER, phases: NO_PHASES }, 'phases.totalUs must be a number from 0 to 2147483647'],
    [
      { ...ANSWER, phases: { ...PHASES, totalUs: NaN } },
      'phases.totalUs must be a number from 0 to 2147483647',
    ],
    [
      { ...ANSWER, phases: { ...PHASES, totalUs: 2 ** 31 } },
      'phases.totalUs must be a number from 0 to 2147483647',
    ],
    [
      { ...ANSWER, phases: { ...PHASES, dnsUs: -1 } },
      'phases.dnsUs must be null or a number from 0 to 2147483647',
    ],
    [{ ...ANSWER, hops: undefined }, 'hops must be an array'],
    [{ ...ANSWER, hops: [HOP, { ...HOP, url: new URL('http://a') }] }, 'hops[1].url must be a text'],
    [{ ...ANSWER, hops: [{ ...HOP, httpStatus: 0 }] }, 'hops[0].httpStatus must be null or from 100 to 999'],
    [
      { ...ANSWER, hops: [{ ...HOP, phases: {} }] },
      'hops[0].phases.totalUs must be a number from 0 to 2147483647',
    ],
    [{ ...ANSWER, certificate: undefined }, 'certificate must be an object or null'],
    [
      { ...ANSWER, certificate: { ...CERTIFICATE, expiresAtMs: Number.POSITIVE_INFINITY } },
      'certificate.expiresAtMs must be milliseconds since 1970',
    ],
    [{ ...ANSWER, certificate: { ...CERTIFICATE, issuer: {} } }, 'certificate.issuer must be a text'],
    [{ ...FAILED, cause: 'boom' }, 'cause must be one of DOWN_CAUSES or UNKNOWN_CAUSES'],
    [{ ...FAILED, cause: 'toString' }, 'cause must be one of DOWN_CAUSES or UNKNOWN_CAUSES'],
    [{ ...FAILED, detail: new Error('boom') }, 'detail must be a text'],
    [{ ...FAILED, httpStatus: undefined }, 'httpStatus must be null or from 100 to 999'],
  ];
  for (const [answer, problem] of invalid) {
    it(`is at fault, not the website, and is told so: ${problem}`, async () => {
      expect(await detailOf(() => of(answer))).to.equal(`the fetch gave an invalid answer: ${problem}`);
    });
  }

  it('is at fault if it completes without an answer, or forgets its deadline', async () => {
    expect(await detailOf(() => EMPTY)).to.equal('the fetch completed without an answer');
    expect(await detailOf(() => NEVER)).to.equal('the fetch did not end by its deadline');
  });

  it('may answer as it should, and only its first answer counts', async () => {
    expect(await answerOf(() => of(ANSWER, FAILED))).to.deep.equal(ANSWER);
    expect(await answerOf(async () => FAILED)).to.deep.equal(FAILED);
    expect(await answerOf(() => of({ kind: 'aborted' }))).to.deep.equal({ kind: 'aborted' });
  });

  it('has fractions of microseconds rounded, and texts made fit for a table', async () => {
    const phases = { ...NO_PHASES, ttfbUs: 0.4, totalUs: 1.5 };
    const certificate = { ...CERTIFICATE, subject: 'a\0b' };
    const seen = { phases, hops: [{ ...HOP, phases }], certificate };
    const tidied = { ...NO_PHASES, ttfbUs: 0, totalUs: 2 };
    expect(await answerOf(() => of(answered({ httpStatus: 204, ...seen })))).to.deep.include({
      phases: tidied,
      hops: [{ ...HOP, phases: tidied }],
      certificate: { ...CERTIFICATE, subject: 'a b' },
    });
    const answer = await answerOf(() => of(failed('connect_refused', `a\0${'b'.repeat(1_000)}`)));
    expect(answer)
      .to.have.property('detail')
      .with.length(500)
      .and.match(/^a bbb/);
  });
});
