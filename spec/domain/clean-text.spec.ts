import { expect } from 'chai';
import { cleanDetail, cleanText } from '../../lib/domain/clean-text.ts';

describe('cleanText', () => {
  const CASES: readonly (readonly [what: string, dirty: string, clean: string])[] = [
    ['leaves ordinary text alone', 'größer than 😀', 'größer than 😀'],
    ['replaces NUL, which PostgreSQL refuses', 'a\u0000b', 'a b'],
    ['puts several lines on one', 'a\r\n\tb\u2028c', 'a b c'],
    ['takes terminal escapes away', '\u001b[31mred', '[31mred'],
    ['replaces lone surrogates', 'a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['trims', '\n a \n', 'a'],
  ];
  for (const [what, dirty, clean] of CASES) {
    it(what, () => expect(cleanText(dirty, 100)).to.equal(clean));
  }

  it('cuts long text at its limit and says so', () => {
    expect(cleanText('abcdef', 6)).to.equal('abcdef');
    expect(cleanText('abcdefg', 6)).to.equal('abcde…');
  });

  it('cuts no character in two', () => {
    expect(cleanText('abcd😀e', 6)).to.equal('abcd…');
  });
});

describe('cleanDetail', () => {
  const CASES: readonly (readonly [what: string, dirty: string, clean: string])[] = [
    ['user info', 'for http://me:pass@example.org/a now', 'for http://example.org/a now'],
    ['a password with an @ in it', 'postgres://me:p@ss@db/site', 'postgres://db/site'],
    ['the query', 'to https://example.org/a?token=secret', 'to https://example.org/a?…'],
    ['the fragment', 'to https://example.org/#access_token=secret', 'to https://example.org/?…'],
  ];
  for (const [what, dirty, clean] of CASES) {
    it(`removes ${what} from urls`, () => expect(cleanDetail(dirty)).to.equal(clean));
  }

  it('keeps at most 500 characters of 10 MB', () => {
    expect(cleanDetail('x'.repeat(10_000_000))).to.have.lengthOf(500);
  });
});
