import { expect } from 'chai';
import type { Cause } from '../../../lib/domain/check/cause.ts';
import { isOurTrouble } from '../../../lib/domain/check/cause.ts';
import { classifyFailure, TIMEOUT_CAUSES } from '../../../lib/net/failure/classify-failure.ts';
import { explainError, explainTimeout } from '../../../lib/net/failure/explain-error.ts';
import type { Phase } from '../../../lib/net/timing/phase-clock.ts';

const CASES: readonly (readonly [code: string | undefined, phase: Phase | null, cause: Cause])[] = [
  ['ECONNREFUSED', 'connect', 'connect_refused'],
  ['EHOSTUNREACH', 'connect', 'connect_unreachable'],
  ['ENETUNREACH', 'connect', 'connect_unreachable'],
  ['ETIMEDOUT', 'connect', 'connect_timeout'],
  ['ETIMEDOUT', 'ttfb', 'response_timeout'],
  ['ETIMEDOUT', 'transfer', 'transfer_timeout'],
  ['ERR_SOCKET_CONNECTION_TIMEOUT', 'connect', 'connect_timeout'],
  ['ECONNRESET', 'connect', 'connection_reset'],
  ['ECONNRESET', 'tls', 'connection_reset'],
  ['ECONNRESET', 'ttfb', 'connection_reset'],
  ['ECONNRESET', 'transfer', 'connection_reset'],
  ['EPIPE', 'ttfb', 'connection_reset'],
  ['CERT_HAS_EXPIRED', 'tls', 'tls_expired'],
  ['CERT_NOT_YET_VALID', 'tls', 'tls_not_yet_valid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'tls_wrong_host'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'tls_self_signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls', 'tls_untrusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', 'tls_untrusted'],
  ['EPROTO', 'tls', 'tls_failed'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'tls_failed'],
  ['NOBODY_KNOWS', 'tls', 'tls_failed'],
  ['HPE_INVALID_CONSTANT', 'transfer', 'protocol_error'],
  ['HPE_HEADER_OVERFLOW', 'transfer', 'protocol_error'],
  ['EMFILE', 'connect', 'out_of_resources'],
  ['ENFILE', 'connect', 'out_of_resources'],
  ['ENOBUFS', 'ttfb', 'out_of_resources'],
  ['ENOMEM', 'connect', 'out_of_resources'],
  ['EADDRNOTAVAIL', 'connect', 'out_of_resources'],
  ['ERR_INVALID_CHAR', 'connect', 'request_invalid'],
  ['ERR_UNESCAPED_CHARACTERS', 'connect', 'request_invalid'],
  ['ERR_GOT_REQUEST_ERROR', null, 'request_invalid'],
  [undefined, null, 'request_invalid'],
  [undefined, 'transfer', 'internal_error'],
  ['NOBODY_KNOWS', 'ttfb', 'internal_error'],
];

describe('classifyFailure', () => {
  for (const [code, phase, cause] of CASES) {
    it(`calls ${code ?? 'an error without code'} ${phase ? `in ${phase}` : 'before any phase'} ${cause}`, () => {
      expect(classifyFailure(code, phase)).to.equal(cause);
    });
  }

  it('gives each phase a time-out cause of its own, all of them the website’s', () => {
    const causes = Object.values(TIMEOUT_CAUSES);
    expect(new Set(causes).size).to.equal(5);
    expect(causes.filter(isOurTrouble)).to.deep.equal([]);
  });
});

const failing = (code: string, message = code) => Object.assign(new Error(message), { code });

describe('explainError', () => {
  it('unwraps the error of an HTTP client such as got', () => {
    const wrapped = Object.assign(new Error('wrapped', { cause: failing('ECONNREFUSED') }), {
      code: 'ERR_GOT',
    });
    expect(explainError(wrapped, 'connect')).to.deep.equal({
      cause: 'connect_refused',
      detail: 'ECONNREFUSED',
    });
  });

  it('prefers, among several addresses, a failure that is more than a missing route', () => {
    const errors = [failing('ENETUNREACH'), failing('ETIMEDOUT'), failing('ECONNREFUSED')];
    expect(explainError(new AggregateError(errors), 'connect').cause).to.equal('connect_timeout');
    expect(explainError(new AggregateError(errors.slice(0, 1)), 'connect').cause).to.equal(
      'connect_unreachable',
    );
  });

  it('cleans the message, and drops everything else in the error', () => {
    const error = Object.assign(failing('EPIPE', 'at https://me:secret@example.org/a?token=1\u0000'), {
      options: { headers: { authorization: 'secret' } },
    });
    expect(explainError(error, 'ttfb').detail).to.equal('at https://example.org/a?…');
  });

  it('shows the meaning of an OpenSSL error, not its source location', () => {
    const error = Object.assign(
      failing('ERR_SSL_WRONG_VERSION_NUMBER', '40:error:0A00010B:SSL routines:…:77:'),
      {
        library: 'SSL routines',
        reason: 'wrong version number',
      },
    );
    expect(explainError(error, 'tls').detail).to.equal('TLS: wrong version number');
  });

  it('explains a thrown value that is not an error', () => {
    expect(explainError('thrown', 'ttfb')).to.deep.equal({ cause: 'internal_error', detail: 'thrown' });
    expect(explainError(new AggregateError([]), 'ttfb').cause).to.equal('internal_error');
  });
});

describe('explainTimeout', () => {
  it('counts time lost before the connection was begun as connecting', () => {
    expect(explainTimeout(null).cause).to.equal('connect_timeout');
  });
});
