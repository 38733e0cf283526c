import { expect } from 'chai';
import { createBodyText } from '../../../lib/probe/body/body-text.ts';
import { charsetOf } from '../../../lib/probe/body/charset.ts';

const decode = (hex: string, contentType?: string, isCut = false): string => {
  const body = createBodyText(contentType, 5_000);
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

  // what a body says of itself: é is c3a9 in utf-8 and e9 in latin-1, and ф is c6 in koi8-r
  const LATIN = 'iso-8859-1';
  const DECLARING: readonly (readonly [
    what: string,
    contentType: string | undefined,
    start: string,
    letter: string,
    text: string,
  ])[] = [
    ['a byte order mark before the header', `text/html; charset=${LATIN}`, '\xef\xbb\xbf', 'c3a9', 'é'],
    ['a byte order mark before a meta', 'text/html', `\xef\xbb\xbf<meta charset=${LATIN}>`, 'c3a9', 'é'],
    ['the mark of utf-16le', 'text/html; charset=utf-8', '\xff\xfe', 'e900', 'é'],
    ['the mark of utf-16be', 'text/plain', '\xfe\xff', '00e9', 'é'],
    ['the header before a meta', `text/html; charset=${LATIN}`, '<meta charset=utf-8>', 'e9', 'é'],
    ['a meta', 'text/html', `<meta charset=${LATIN}>`, 'e9', 'é'],
    ['a meta in capitals and quotes', 'TEXT/HTML', `<META CHARSET = 'ISO-8859-1' />`, 'e9', 'é'],
    ['a meta with an attribute before', 'text/html', '<meta a="b>c" charset="koi8-r">', 'c6', 'ф'],
    ['the first of two charsets', 'text/html', `<meta charset=koi8-r charset=${LATIN}>`, 'c6', 'ф'],
    ['the first of two metas', 'text/html', `<meta charset=koi8-r><meta charset=${LATIN}>`, 'c6', 'ф'],
    ['the first that somebody knows', 'text/html', '<meta charset=utf-7><meta charset=koi8-r>', 'c6', 'ф'],
    [
      'a meta where nobody knows the header’s',
      'text/html; charset=utf-7',
      '<meta charset=koi8-r>',
      'c6',
      'ф',
    ],
    ['a meta where there is no header', undefined, '<meta charset=koi8-r>', 'c6', 'ф'],
    ['a meta where the header is empty', '', '<meta charset=koi8-r>', 'c6', 'ф'],
    [
      'an http-equiv',
      'text/html',
      '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">',
      'c6',
      'ф',
    ],
    [
      'an http-equiv the other way around',
      'text/html',
      `<meta content='a;charset="koi8-r"' http-equiv=content-type>`,
      'c6',
      'ф',
    ],
    ['no content of another kind', 'text/html', '<meta name=a content="charset=koi8-r">', 'c3a9', 'é'],
    ['no meta in a comment', 'text/html', '<!-- <meta charset=koi8-r> -->', 'c3a9', 'é'],
    ['no meta in an attribute', 'text/html', '<a title="<meta charset=koi8-r>">', 'c3a9', 'é'],
    ['no tag that only begins like it', 'text/html', '<metal charset=koi8-r>', 'c3a9', 'é'],
    ['a meta that ends within 1,024 bytes', 'text/html', `<meta charset=koi8-r>`.padStart(1024), 'c6', 'ф'],
    ['no meta that ends after them', 'text/html', `<meta charset=koi8-r>`.padStart(1025), 'c3a9', 'é'],
    ['utf-8 where a meta says utf-16', 'text/html', '<meta charset=utf-16>', 'c3a9', 'é'],
    ['utf-8 where a meta says utf-16be', 'text/html', '<meta charset=UTF-16BE>', 'c3a9', 'é'],
    ['no meta in plain text', 'text/plain', '<meta charset=koi8-r>', 'c3a9', 'é'],
    ['no meta in JSON', 'application/json', '"<meta charset=koi8-r>"', 'c3a9', 'é'],
    ['no meta in XML', 'application/xml', '<meta charset="koi8-r"/>', 'c3a9', 'é'],
    ['a declaration of XML', 'application/xml', '<?xml version="1.0" encoding="koi8-r"?>', 'c6', 'ф'],
    ['… with single quotes', 'text/xml', "<?xml version='1.0' encoding = 'koi8-r' ?>", 'c6', 'ф'],
    ['… of a kind of XML', 'application/atom+xml', '<?xml version="1.0" encoding="koi8-r"?>', 'c6', 'ф'],
    ['… only at its very start', 'text/xml', ' <?xml version="1.0" encoding="koi8-r"?>', 'c3a9', 'é'],
    [
      '… which is no utf-16 if it can be read',
      'text/xml',
      '<?xml version="1.0" encoding="utf-16"?>',
      'c3a9',
      'é',
    ],
    ['… in utf-16le without a mark', 'text/xml', '<\0?\0x\0m\0l\0 \0', 'e900', 'é'],
    ['… in utf-16be without a mark', 'text/xml', '\0<\0?\0x\0m\0l\0 ', '00e9', 'é'],
    ['… after the header', 'text/xml; charset=utf-8', '<?xml version="1.0" encoding="koi8-r"?>', 'c3a9', 'é'],
    ['… not in plain text', 'text/plain', '<?xml version="1.0" encoding="koi8-r"?>', 'c3a9', 'é'],
    [
      '… before a meta in XHTML',
      'application/xhtml+xml',
      `<?xml version="1.0" encoding="koi8-r"?><meta charset="${LATIN}"/>`,
      'c6',
      'ф',
    ],
    ['a meta in XHTML', 'application/xhtml+xml', '<meta charset="koi8-r"/>', 'c6', 'ф'],
    [
      'a meta before a declaration in HTML',
      'text/html',
      `<?xml version="1.0" encoding="${LATIN}"?><meta charset="koi8-r">`,
      'c6',
      'ф',
    ],
  ];
  for (const [what, contentType, start, letter, text] of DECLARING) {
    const bytes = Buffer.concat([Buffer.from(start, 'latin1'), Buffer.from(letter, 'hex')]);
    it(`goes by ${what}, in one chunk or in bytes`, () => {
      expect(decode(bytes.toString('hex'), contentType).slice(-1)).to.equal(text);
      const body = createBodyText(contentType, 5_000);
      for (const byte of bytes) body.add(Buffer.of(byte));
      expect(body.text(false).slice(-1)).to.equal(text);
    });
  }

  it('waits for what a body says of itself, whatever chunks it comes in', () => {
    const bytes = Buffer.from(`<meta charset=koi8-r>${' '.repeat(5_000)}\xc6`, 'latin1');
    for (const first of [0, 1, 10, 1023, 1024, 2047, 2048, 2049]) {
      const body = createBodyText('text/html', 10_000);
      body.add(bytes.subarray(0, first));
      body.add(bytes.subarray(first));
      expect(body.text(false), `${first} bytes first`).to.match(/^<meta charset=koi8-r> {5000}ф$/);
    }
  });

  it('has read what came of a body whose end is missing', () => {
    const body = createBodyText('text/html', 1_000);
    expect([body.text(true), createBodyText('text/html', 1_000).text(false)]).to.deep.equal(['', '']);
    body.add(Buffer.from('<meta charset=koi8-r>\xc6', 'latin1'));
    expect(body.text(true)).to.equal('<meta charset=koi8-r>ф');
  });

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
  const CASES: readonly (readonly [contentType: string | undefined, charset: string | null])[] = [
    ['text/html; charset=utf-16', 'utf-16'],
    ['text/html; Charset = "koi8-r" ; a=b', 'koi8-r'],
    ['text/html;a=b;charset=big5;c=d', 'big5'],
    ['text/html ;charset= big5', 'big5'],
    ['text/html; charset=" big5 "', ' big5 '], // which TextDecoder takes
    ['text/html; charset="big5', 'big5'],
    ['text/html; charset=big5; charset=utf-8', 'big5'],
    ['text/html; charset=utf-7; charset=utf-8', 'utf-7'],
    ['text/html; a="; charset=big5"; charset=koi8-r', 'koi8-r'],
    ['text/html; charset=', ''],
    ["text/html; charset='big5'", "'big5'"], // which is no label
    ['text/html; xcharset=big5', null],
    ['text/html; charset', null],
    ['text/html', null],
    ['', null],
    [undefined, null],
  ];
  for (const [contentType, charset] of CASES) {
    it(`reads ${charset} from '${contentType}'`, () => expect(charsetOf(contentType)).to.equal(charset));
  }
});
