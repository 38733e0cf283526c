import { expect } from 'chai';
import { cleanDetail, cleanText } from '../../lib/domain/clean-text.ts';

describe('cleanText', () => {
  const CASES: readonly (readonly [what: string, dirty: string, clean: string])[] = [
    ['leaves ordinary text alone', 'größer than 😀', 'größer than 😀'],
    ['replaces NUL, which PostgreSQL rejects', 'a\u0000b', 'a b'],
    ['joins lines into one', 'a\r\n\tb\u2028c', 'a b c'],
    ['removes terminal escapes', '\u001b[31mred', '[31mred'],
    ['replaces lone surrogates', 'a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['trims', '\n a \n', 'a'],
  ];
  for (const [what, dirty, clean] of CASES) {
    it(what, () => expect(cleanText(dirty, 100)).to.equal(clean));
  }

  it('cuts long text at the limit and marks the cut', () => {
    expect(cleanText('abcdef', 6)).to.equal('abcdef');
    expect(cleanText('abcdefg', 6)).to.equal('abcde…');
  });

  it('splits no character', () => {
    expect(cleanText('abcd😀e', 6)).to.equal('abcd…');
  });
});

describe('cleanDetail', () => {
  it('removes secrets before it cleans', () => {
    expect(cleanDetail('for\nhttps://me:s3cret@example.org/?s3cret\nnow')).to.equal(
      'for https://example.org/?… now',
    );
  });

  it('removes secrets wherever the text is cut', () => {
    for (const secret of [
      'https://me:12345678@example.org/',
      'postgres://me:12345678@db/',
      'password=12345678 ',
    ])
      for (let at = 1_960; at <= 2_010; at++) {
        const filler = `https://example.org/?${'x'.repeat(at - 22)} `; // most of the searched text is removed
        expect(cleanDetail(filler + secret)).to.not.match(/\d/);
      }
  });

  it('keeps at most 500 characters of 10 MB', () => {
    expect(cleanDetail('x'.repeat(10_000_000))).to.have.lengthOf(500);
  });
});
