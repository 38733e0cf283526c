import { expect } from 'chai';
import { parseSmtpUrl, smtpUrlProblem } from '../../../lib/channels/address/smtp-url.ts';

describe('The URL of a mail server', () => {
  const plain = { host: 'mail.example.org', port: 587, isTls: false, credentials: null };
  const valid: [url: string, server: object][] = [
    ['smtp://mail.example.org', { ...plain, from: 'website-monitor@mail.example.org' }],
    ['smtp://mail.example.org:25?from=a@b.org', { ...plain, port: 25, from: 'a@b.org' }],
    ['smtps://mail.example.org?from=a@b.org', { ...plain, port: 465, isTls: true, from: 'a@b.org' }],
    [
      'smtp://me%40b.org:p%3Ass@mail.example.org',
      { ...plain, credentials: { user: 'me@b.org', pass: 'p:ss' }, from: 'me@b.org' },
    ],
    [
      'smtp://apikey:x@mail.example.org?from=a@b.org',
      { ...plain, credentials: { user: 'apikey', pass: 'x' }, from: 'a@b.org' },
    ],
    ['smtp://127.0.0.1:25', { ...plain, host: '127.0.0.1', port: 25, from: 'website-monitor@[127.0.0.1]' }],
    ['smtp://[::1]:25', { ...plain, host: '::1', port: 25, from: 'website-monitor@[IPv6:::1]' }],
    ['smtp://[::1]:2525?from=a@b.org', { ...plain, host: '::1', port: 2525, from: 'a@b.org' }],
  ];
  for (const [url, server] of valid) {
    it(`is understood: ${url}`, () => {
      expect(parseSmtpUrl(url)).to.deep.equal(server);
      expect(smtpUrlProblem(url)).to.equal(null);
    });
  }

  for (const url of [
    'mail.example.org:587',
    'http://mail.example.org',
    'smtp://',
    'smtp://%zz@mail.example.org',
    'smtp://mail.example.org?from=nobody',
    'smtp://mail.example.org?from=a@b.org%0D%0ABcc:%20c@d.org',
  ]) {
    it(`is refused: ${url}`, () => {
      expect(parseSmtpUrl(url)).to.equal(null);
      expect(smtpUrlProblem(url)).to.match(/^must look like smtp:/);
    });
  }
});
