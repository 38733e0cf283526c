import { expect } from 'chai';
import { aDraft } from '../support/a-target.ts';
import { configOf, problemsOf } from '../support/parsing.ts';

describe('The URLs of the command line', () => {
  it('are kept in their normal form, each once', () => {
    const { urls } = configOf([
      'https://Example.org',
      'https://example.org/',
      'http://localhost:80/a',
    ]).websites;
    expect(urls).to.deep.equal(['https://example.org/', 'http://localhost/a']);
  });

  for (const [text, everyMs] of [
    ['1s', 1_000],
    ['90', 90_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['30d', 2_592_000_000],
  ] as const) {
    it(`are checked every ${everyMs} ms with --every ${text}`, () => {
      expect(configOf(['https://example.org', '--every', text]).websites.draft.everyMs).to.equal(everyMs);
    });
  }

  it('have a pattern with --match, which may begin with a dash', () => {
    expect(configOf(['https://example.org', '--match', 'h.llo']).websites.draft.pattern?.text).to.equal(
      'h.llo',
    );
    expect(configOf(['https://example.org', '--match=-+']).websites.draft.pattern?.text).to.equal('-+');
  });

  it('take every other setting that a target can have', () => {
    const { draft } = configOf([
      'https://example.org',
      '--method=POST',
      '--header=Accept: text/html',
      '--header',
      'X-Empty:',
      '--request-body={"a": 1}',
      '--basic-auth=me:pa:ss',
      '--accepted-statuses=200-299, 401',
      '--max-redirects=0',
      '--must-not-match=error',
      '--max-latency=1.5',
      '--ip-family=6',
      '--no-verify-tls',
      '--min-certificate-validity=7',
      '--timeout=2.5',
      '--key=shop.checkout-1',
      '--name=Shop',
      '--label=team=web',
      '--label=env=',
      '--notes=two\nlines',
      '--depends-on=shop',
      '--alert-after=5m',
      '--recovery-period=0',
      '--slow-above=0.5',
    ]).websites;
    expect(draft).to.deep.equal({
      ...aDraft(),
      key: 'shop.checkout-1',
      name: 'Shop',
      labels: { team: 'web', env: '' },
      notes: 'two\nlines',
      dependsOn: 'shop',
      alertAfterMs: 300_000,
      recoveryPeriodMs: 0,
      slowAboveMs: 500,
      everyMs: null,
      method: 'POST',
      headers: { Accept: 'text/html', 'X-Empty': '' },
      requestBody: '{"a": 1}',
      credentials: { kind: 'basic', user: 'me', password: 'pa:ss' },
      acceptedStatuses: [
        [200, 299],
        [401, 401],
      ],
      redirectsMax: 0,
      pattern: { text: 'error', mustMatch: false },
      latencyMaxMs: 1_500,
      ipFamily: 6,
      verifiesTls: false,
      certificateValidityMinMs: 604_800_000,
      timeoutMs: 2_500,
    });
  });

  it('may have a reference for a user, which holds a colon', () => {
    const { draft } = configOf(['https://example.org', '--basic-auth=${env:A}:${file:b}']).websites;
    expect(draft.credentials).to.deep.equal({ kind: 'basic', user: '${env:A}', password: '${file:b}' });
  });

  for (const [problem, ...flags] of [
    [
      '--must-not-match: cannot be combined with --match: a target has one pattern',
      '--match=a',
      '--must-not-match=b',
    ],
    ['--bearer-token: cannot be combined with --basic-auth', '--bearer-token=a', '--basic-auth=a:b'],
    ['--request-body: needs a --method that carries one, as POST does', '--request-body=a'],
    [
      '--match: cannot be combined with --method HEAD, whose responses have no body to search',
      '--match=a',
      '--method=HEAD',
    ],
    [
      '--must-not-match: cannot be combined with --method HEAD, whose responses have no body to search',
      '--must-not-match=a',
      '--method=HEAD',
    ],
    ['--accepted-statuses: must be codes from 100 to 999, as in 200-299,401', '--accepted-statuses=1000'],
    ['--label: must be name=value, as in team=web; at most 32', '--label=team'],
    ['--key: needs a single URL: a key names one target', '--key=a', 'https://example.com'],
    ["--header: must be 'name: value'", '--header=nameless', '--header=A: b'],
    ['--json: run does not take it; see run --help', '--json'],
  ] as const) {
    it(`are refused ${flags.join(' and ')}`, () => {
      expect(problemsOf(['https://example.org', ...flags])).to.deep.equal([problem]);
    });
  }

  for (const flag of ['--every=30s', '--match=hello', '--header=A: b', '--timeout=2']) {
    it(`are needed for ${flag}`, () => {
      expect(problemsOf([flag]))
        .to.have.length(1)
        .and.to.match(/needs a URL on the command line/);
    });
  }

  for (const [typed, url] of [
    ['example.org', 'https://example.org/'],
    ['Example.org:8443/a?b#c', 'https://example.org:8443/a?b#c'],
    ['bücher.example', 'https://xn--bcher-kva.example/'],
    ['localhost', 'https://localhost/'],
    ['localhost:8080', 'https://localhost:8080/'],
    ['127.0.0.1:8080', 'https://127.0.0.1:8080/'],
    ['[::1]:8080/', 'https://[::1]:8080/'],
  ] as const) {
    it(`may be a bare host: ${typed} is ${url}`, () => {
      expect(configOf([typed]).websites.urls).to.deep.equal([url]);
    });
  }

  for (const url of [
    'me:s3cret@example.org',
    'example',
    '3.5',
    'ftp://example.org',
    'http:example.org',
    'https://',
    'https://me:s3cret@example.org',
    'https://me@example.org',
    'http://example.org:0',
    'http://example.org:65536',
    `http://example.org/${'a'.repeat(2_048)}`,
  ]) {
    it(`may not be ${url.slice(0, 40)}`, () => {
      expect(problemsOf(['https://example.org', url])).to.deep.equal([
        'URL 2: must be an http or https URL of at most 2048 characters, without user info or port 0',
      ]);
    });
  }
});
