import { expect } from 'chai';
import { redactDsn, redactText, redactUrl } from '../../lib/domain/redact.ts';

/** Redacts twice: logged text has often been redacted before. */
const redacted = (text: string): string => {
  const once = redactText(text);
  expect(redactText(once), 'redacted twice').to.equal(once);
  return once;
};

describe('redactText', () => {
  describe('leaves ordinary text alone', () => {
    for (const text of [
      '',
      'connect ECONNREFUSED 127.0.0.1:5432',
      'getaddrinfo ENOTFOUND db.internal',
      'größer than 😀: 100 % of 3 @ 4, a=b, c: d?',
      'password authentication failed for user "me" (28P01)',
      'the variable WEBSITE_MONITOR_SECRET_TOKEN is not set',
      'the file token in the secrets folder is missing or empty',
      'secret_unavailable: the file is missing',
      'basic authentication is wanted; bearer token missing; basic realm="x"',
      'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
      "Hostname/IP does not match certificate's altnames: Host: a.test. is not in the cert's altnames: DNS:b.test",
      'at file:///srv/website-monitor/lib/main.ts:12:34',
      'see https://example.org/a/b, (http://10.0.0.1:8080/) or <http://[2001:db8::1]:80>.',
      'asked http://localhost:9400, which answered',
      'https://example.org:8443/@me and https://example.org/a:b@c',
      'mail me@example.org or ssh me@host: it is 12:34',
      'no pg_hba.conf entry for host "10.0.0.1", user "me", database "site", no encryption',
    ]) {
      it(JSON.stringify(text), () => expect(redacted(text)).to.equal(text));
    }
  });

  const URLS: readonly (readonly [what: string, text: string, shown: string])[] = [
    ['user info', 'for http://me:s3cret@example.org/a now', 'for http://example.org/a now'],
    ['a user alone', 'for https://s3cret@example.org/@me', 'for https://example.org/@me'],
    ['a password alone', 'https://:s3cret@example.org:8080', 'https://example.org:8080'],
    ['a password with @', 'https://me:s3cret@s3cret@example.org/', 'https://example.org/'],
    ['a password with /', 'https://me:s3cret/s3cret@example.org/a', 'https://example.org/a'],
    ['a password with ?', 'https://me:s3cret?s3cret@example.org/a?b', 'https://example.org/a?…'],
    ['a password with #', 'https://me:s3cret#s3cret@example.org/a', 'https://example.org/a'],
    ['a password with %', 'https://me:s3cret%40%@example.org/a', 'https://example.org/a'],
    ['a password with a backslash', 'https://me:s3cret\\s3cret@example.org/a', 'https://example.org/a'],
    ['a password with ://', 'https://me:s3cret://s3cret@example.org/a', 'https://…://example.org/a'],
    ['the query', 'to https://example.org/a?token=s3cret&b=s3cret now', 'to https://example.org/a?… now'],
    ['a query without a path', 'to https://example.org?s3cret', 'to https://example.org?…'],
    ['a query with a url in it', 'https://a.test/?to=https://b.test/?s3cret', 'https://a.test/?…'],
    ['the fragment', 'to https://example.org/#access_token=s3cret', 'to https://example.org/?…'],
    ['query and fragment', 'to https://example.org/?s3cret#s3cret', 'to https://example.org/?…'],
    [
      'another scheme’s',
      'amqps://me:s3cret@mq/v svn+ssh://s3cret@h/ WSS://h/?s3cret',
      'amqps://mq/v svn+ssh://h/ WSS://h/?…',
    ],
    ['user info and query of an IPv6 host', 'http://me:s3cret@[::1]:80/?s3cret', 'http://[::1]:80/?…'],
    [
      'several urls’',
      'http://u:s3cret@a/ http://b/?s3cret\thttp://c/#s3cret\nhttp://d/',
      'http://a/ http://b/?…\thttp://c/?…\nhttp://d/',
    ],
    [
      'urls’ without a space between',
      'http://a/,http://u:s3cret@b/;http://c/?s3cret',
      'http://a/,http://b/;http://c/?…',
    ],
    [
      'quoted urls’',
      `"http://u:s3cret@a/" 'http://u:s3cret@b' <http://u:s3cret@c>`,
      `"http://a/" 'http://b' <http://c>`,
    ],
    [
      'quoted queries',
      `"http://a/?s3cret" 'http://b/?s3cret' <http://c/#s3cret> (http://d?s3cret)`,
      `"http://a/?… 'http://b/?… <http://c/?… (http://d?…`,
    ],
    ['a url in JSON', '{"url":"http://u:s3cret@a/?s3cret","password":"s3 cret"}', '{"url":"http://a/?…'],
    ['a url in JSON with spaces', '{"url": "http://a/?s3cret", "n": 1}', '{"url": "http://a/?… "n": 1}'],
    ['a url cut off in the password', 'at http://me:s3cr', 'at http://…'],
    ['a url cut off and marked as cut', 'at http://me:12345…', 'at http://…'],
    ['a url cut off before the host', 'at http://me:s3cret@', 'at http://'],
    ['a url cut off in the query', 'at http://a/?tok', 'at http://a/?…'],
    [
      'a url with characters that only look like spaces',
      'http://a/?s3cret\u00a0s3cret\u2003s3cret\ufeffs3cret',
      'http://a/?…',
    ],
  ];
  for (const [what, text, shown] of URLS) {
    it(`removes ${what}`, () => expect(redacted(text)).to.equal(shown));
  }

  const DSNS: readonly (readonly [dsn: string, shown: string])[] = [
    ['postgres://me:s3cret@db.internal:6432/site', 'postgres://db.internal:6432/site'],
    ['postgresql://me:s3cret@[::1]/site', 'postgresql://[::1]/site'],
    ['POSTGRES://me:s3cret@db/site', 'POSTGRES://db/site'],
    ['postgres://me:s3@cret@db/site', 'postgres://db/site'],
    ['postgres://me:s3/cret@db/site', 'postgres://db/site'],
    ['postgres://me:s3?cret@db/site', 'postgres://db/site'],
    ['postgres://me:s3#cret@db/site', 'postgres://db/site'],
    ['postgres://me:s3%cret@db/site', 'postgres://db/site'],
    ['postgres://me:12345/cret@db/site', 'postgres://db/site'],
    ['postgres://me:s3 cret@db/site', 'postgres://db/site'],
    ['postgres://s3cret@db/site', 'postgres://db/site'],
    ['postgres://db/site?user=me&password=s3cret', 'postgres://db/site?…'],
    ['postgres://db/site?sslmode=require&sslpassword=s3cret', 'postgres://db/site?…'],
    ['postgres://me:s3cret@/site?host=/run/postgresql', 'postgres:///site?…'],
    ['postgres:///site?host=/run/postgresql&password=s3cret', 'postgres:///site?…'],
    ['postgres://me:s3cret@one:5432,two:5432/site', 'postgres://…'],
    ['socket://me:s3cret@/run/postgresql?db=site', 'socket:///run/postgresql?…'],
    [
      'host=db port=5432 user=me password=s3cret dbname=site',
      'host=db port=5432 user=me password=… dbname=site',
    ],
    ["host=db password='s3 cret' dbname=site", "host=db password='…' dbname=site"],
    ["host=db password = 's3\\' cret' dbname=site", "host=db password = '…' dbname=site"],
    ['host=db sslpassword=s3,c;r&et dbname=site', 'host=db sslpassword=… dbname=site'],
    ['PGPASSWORD=s3cret PGHOST=db', 'PGPASSWORD=… PGHOST=db'],
  ];
  for (const [dsn, shown] of DSNS) {
    it(`removes the password of ${dsn}`, () =>
      expect(redacted(`cannot reach ${dsn} now`)).to.equal(`cannot reach ${shown} now`));
  }

  it('keeps two DSNs apart', () => {
    expect(redacted('postgres://me:s3cret@one/a or postgres://me:s3cret@two/b, ask me@example.org')).to.equal(
      'postgres://one/a or postgres://two/b, ask me@example.org',
    );
  });

  const NAMED: readonly (readonly [text: string, shown: string])[] = [
    ['Authorization: Basic czNjcmV0OnMzY3JldA==', 'Authorization: …'],
    ['authorization: Digest username="me", response="s3cret"\r\nhost: a', 'authorization: …\r\nhost: a'],
    ['Proxy-Authorization: AWS4-HMAC-SHA256 Credential=s3cret, Signature=s3cret', 'Proxy-Authorization: …'],
    ['Cookie: a=s3cret; b=s3cret\nAccept: */*', 'Cookie: …\nAccept: */*'],
    ['set-cookie: session=s3cret; Path=/; HttpOnly', 'set-cookie: …'],
    [
      "{ authorization: 'Bearer s3cret', cookie: 'a=s3cret; b', accept: '*/*' }",
      "{ authorization: '…', cookie: '…', accept: '*/*' }",
    ],
    [
      '{"Authorization":"Token s3cret","Cookie":"a=s3cret; b=c","a":1}',
      '{"Authorization":"…","Cookie":"…","a":1}',
    ],
    ['sent Basic czNjcmV0OnMzY3JldA== and bearer s3cret.s3cret-_~+/=', 'sent Basic … and bearer …'],
    ['X-Api-Key: s3cret', 'X-Api-Key: …'],
    ['X-Auth-Token: s3cret, x', 'X-Auth-Token: … x'],
    ['apikey=s3cret api_key=s3cret API key: s3cret', 'apikey=… api_key=… API key: …'],
    ['AWS_SECRET_ACCESS_KEY=s3cret AWS_SESSION_TOKEN=s3cret', 'AWS_SECRET_ACCESS_KEY=… AWS_SESSION_TOKEN=…'],
    ['access_token=s3cret&refresh_token=s3cret', 'access_token=…'],
    ['a=1&client_secret=s3cret', 'a=1&client_secret=…'],
    ['GET /login?password=s3cret HTTP/1.1', 'GET /login?password=… HTTP/1.1'],
    ['passwd: s3cret, pwd => s3cret; passphrase := s3cret', 'passwd: … pwd => … passphrase := …'],
    ['{"password":"s3\\"cret s3cret","user":"me"}', '{"password":"…","user":"me"}'],
    ['{ "private-key" : "s3cret s3cret" , "n" : 1 }', '{ "private-key" : "…" , "n" : 1 }'],
    ["{ clientSecret: 's3cret', jsessionid: 's3cret' }", "{ clientSecret: '…', jsessionid: '…' }"],
    ['"{\\"password\\":\\"s3 cret\\",\\"n\\":1}"', '"{\\"password\\":\\"…\\",\\"n\\":1}"'],
    ['password="s3cret s3cret', 'password="…"'],
    ['the token: s3cret', 'the token: …'],
  ];
  for (const [text, shown] of NAMED) {
    it(`removes a value named as secret: ${JSON.stringify(text)}`, () =>
      expect(redacted(text)).to.equal(shown));
  }

  it('takes time linear in the length, whatever the text', () => {
    // biome-ignore format: one piece a line would fill a page
    const pieces = [
      'a', 'a.', ' ', '\n', '@', ':', '?', '…', '\\', '"', '://', 'x://', 'x://@', 'http://a:b', 'http://a:', 'http://[',
      'postgres://', 'postgres://a:', 'postgres://a:b ', 'postgres://@', 'password', 'password ', 'password=', 'password="',
      "password='", 'password=\\"', 'password\\', 'api-', 'basic ', 'basic', 'cookie:', 'cookie ', 'token=> ', 'sessio',
    ];
    for (const length of [50_000, 250_000]) // the shorter first: if quadratic, the longer takes half a minute
      for (const piece of pieces)
        for (const around of ['', 'http://a', 'password="']) {
          const text = `${around}${piece.repeat(length / piece.length)}:x`;
          const before = process.cpuUsage(); // the clock counts what other processes take, too
          redactText(text);
          const { user, system } = process.cpuUsage(before);
          expect((user + system) / 1_000, `${length} of ${JSON.stringify(piece)}`).to.be.below(2_000);
        }
  }).timeout(60_000);
});

describe('redactUrl', () => {
  const URLS: readonly (readonly [url: string, shown: string])[] = [
    ['https://example.org/', 'https://example.org/'],
    ['https://me:s3cret@example.org/a?s3cret#s3cret', 'https://example.org/a?…'],
    ['https://example.org/a#s3cret', 'https://example.org/a?…'],
    ['https://example.org/a?s3cret s3cret "s3cret', 'https://example.org/a?…'],
    ['https://me:s3?cret@example.org/', 'https://…?…'],
    ['', ''],
    ['example.org/a?s3cret', 'example.org/a?…'],
    ['no url?s3cret', 'no url?…'],
  ];
  for (const [url, shown] of URLS) {
    it(`shows ${url} as ${shown}`, () => expect(redactUrl(url)).to.equal(shown));
  }
});

describe('redactDsn', () => {
  const DSNS: readonly (readonly [dsn: string, shown: string])[] = [
    [
      'postgres://me:s3cret@db.internal:6432/site?sslmode=require&password=s3cret',
      'postgres://db.internal:6432/site',
    ],
    ['postgresql://me:s3%40cret@db/site', 'postgres://db/site'],
    ['postgresql://[::1]/site', 'postgres://[::1]/site'],
    ['postgres://me:s3 cret@db/site', 'postgres://db/site'],
    ['postgres://me:s3@cret@db/site', 'postgres://db/site'],
    ['postgres://me:s3cret@/site?host=/run/postgresql', 'postgres:///run/postgresql/site'],
    ['postgres:///site?host=/tmp', 'postgres:///tmp/site'],
    ['postgres://me:12345/s3cret@db/site', 'postgres://…'],
    ['postgres://me:1?s3cret@db/site', 'postgres://…'],
    ['postgres://me:1#s3cret@db/site', 'postgres://…'],
    ['postgres://me:s3/cret@db/site', 'postgres://…'],
    ['postgres://me:s3cret@one,two/site', 'postgres://one,two/site'],
    ['postgres://me:s3cret@one:5432,[::1]:5433/site?x=s3cret', 'postgres://one:5432,[::1]:5433/site'],
    ['postgres://me:s3,cret/s3cret@one/site', 'postgres://…'],
    ['https://me:s3cret@db/site', 'postgres://…'],
    ['host=db password=s3cret', 'postgres://…'],
    ['', 'postgres://…'],
    ['postgres://me:s3,cret@h/db', 'postgres://h/db'],
    ['postgres://me:s3,cret@h1,h2:5433/db', 'postgres://h1,h2:5433/db'],
    ['postgres://me:s3,cret/s3@h1,h2/db', 'postgres://…'],
    ['postgres://me:s3,cret/db', 'postgres://…'], // the host was forgotten
  ];
  for (const [dsn, shown] of DSNS) {
    it(`shows ${dsn} as ${shown}`, () => expect(redactDsn(dsn)).to.equal(shown));
  }
});
