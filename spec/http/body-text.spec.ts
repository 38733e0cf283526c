import { expect } from 'chai';
import { charsetOf, createBodyText } from '../../lib/http/body-text.ts';

const decode = (hex: string, contentType?: string, isCut = false): string => {
  const body = createBodyText(contentType, 1000);
  body.add(Buffer.from(hex, 'hex'));
  return body.text(isCut);
};

describe('createBodyText', () => {
  const CASES: readonly (readonly [
    what: string,
    contentType: string | undefined,
    hex: string,
    text: string,
  ])[] = [
    ['utf-8 where nothing is declared', undefined, 'c3a9', 'é'],
    ['utf-8 where no charset is declared', 'text/html', 'c3a9', 'é'],
    ['utf-8 where nobody knows the charset', 'text/html; charset=klingon', 'c3a9', 'é'],
    ['iso-8859-1 as browsers do', 'text/html; charset=ISO-8859-1', 'e980', 'é€'],
    ['windows-1251', 'text/html;charset="windows-1251"', 'cfd0', 'ПР'],
    ['shift_jis', 'text/html; charset=Shift_JIS', '93fa967b', '日本'],
    ['utf-16le', 'text/html; charset=utf-16le', 'e5652c67', '日本'],
    ['utf-8 with a byte order mark', 'text/html; charset=utf-8', 'efbbbf61', 'a'],
    ['bytes that mean nothing', 'text/html; charset=utf-8', '61ff62', 'a\ufffdb'],
  ];
  for (const [what, contentType, hex, text] of CASES) {
    it(`decodes ${what}`, () => expect(decode(hex, contentType)).to.equal(text));
  }

  it('leaves a character out that the cut went through', () => {
    expect(decode('61c3', 'text/html', true)).to.equal('a');
    expect(decode('61c3', 'text/html', false)).to.equal('a\ufffd');
  });

  it('takes no more than its cap, and says when there was more', () => {
    const body = createBodyText(undefined, 5);
    expect(body.add(Buffer.from('abc'))).to.equal(false);
    expect(body.add(Buffer.from('de'))).to.equal(false);
    expect(body.add(Buffer.from('f'))).to.equal(true);
    expect([body.size(), body.text(true)]).to.deep.equal([5, 'abcde']);
  });

  for (const chunkBytes of [1, 3, 2047, 2048, 2049, 5000]) {
    it(`puts chunks of ${chunkBytes} bytes together, whatever they cut through`, () => {
      const whole = 'naïve 日本 😀 '.repeat(500);
      const bytes = Buffer.from(whole);
      const body = createBodyText(undefined, bytes.length);
      for (let at = 0; at < bytes.length; at += chunkBytes) body.add(bytes.subarray(at, at + chunkBytes));
      expect(body.text(false)).to.equal(whole);
    });
  }
});

describe('charsetOf', () => {
  const CASES: readonly (readonly [contentType: string, charset: string])[] = [
    ['text/html; charset=utf-16', 'utf-16'],
    ['text/html; Charset = "koi8-r" ; a=b', 'koi8-r'],
    ['text/html;a=b;charset=big5;c=d', 'big5'],
    ['text/html; xcharset=big5', 'utf-8'],
    ['', 'utf-8'],
  ];
  for (const [contentType, charset] of CASES) {
    it(`reads ${charset} from '${contentType}'`, () => expect(charsetOf(contentType)).to.equal(charset));
  }
});
